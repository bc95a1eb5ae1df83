// Plain backpropagation on the first images of CIFAR-10: the AULC and the epochs' mean losses, seed by seed.
//
//   node bench/training/reference.ts [--width 0.25] [--rate 0.01] [--seeds 1,2] [--images 2000] [--epochs 5] [--batch 100]
//
// For a comparison with the same training in another framework: no dropout, no augmentation, Adadelta ρ .9 ε 1e-3.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { decodeCurve, trainingObjectiveSchema } from '@gradsmith/core';
import { prepareDataSet } from '@gradsmith/training/data';
import { ProcessTrainer } from '@gradsmith/training/process';
import { cacheFolder } from '../lib/python.ts';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '0.25' }, rate: { type: 'string', default: '0.01' }, seeds: { type: 'string', default: '1,2' },
    images: { type: 'string', default: '2000' }, epochs: { type: 'string', default: '5' }, batch: { type: 'string', default: '100' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const cacheDir = cacheFolder();
await prepareDataSet('cifar10', { cacheDir });
const trainer = new ProcessTrainer({ backend: 'tensorflow', cacheDir, threads: Number(values.threads) });

for (const seed of values.seeds.split(',').map(Number)) {
  const objective = trainingObjectiveSchema.parse({
    kind: 'training', dataset: { name: 'cifar10', train: Number(values.images), validation: 1000 },
    network: { name: 'simplenet', width: Number(values.width), dropout: 0 },
    optimizer: { name: 'adadelta', learningRate: Number(values.rate), rho: 0.9, epsilon: 1e-3 },
    epochs: Number(values.epochs), batchSize: Number(values.batch), seed,
  });
  const { value, curve, metrics, provenance } = await trainer.train(
    { key: `seed-${seed}`, objective, timeoutMs: 2 ** 31 - 1 }, { signal: new AbortController().signal, onProgress: () => {} },
  );
  const losses = decodeCurve(curve);
  const length = losses.length / objective.epochs;
  const epochs = Array.from({ length: objective.epochs }, (_, epoch) => losses.subarray(epoch * length, (epoch + 1) * length).reduce((sum, loss) => sum + loss / length, 0));
  console.log(JSON.stringify({
    width: Number(values.width), learningRate: Number(values.rate), seed, aulc: value, epochs: epochs.map((loss) => Number(loss.toFixed(4))),
    validationAccuracy: metrics['validationAccuracy'], imagesPerSecond: Math.round(metrics['imagesPerSecond']!), backend: provenance['backend'],
  }));
}
await trainer.close();
