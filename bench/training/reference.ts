// Plain backpropagation on the first images of CIFAR-10: the AULC and the epochs' mean losses, seed by seed.
//
//   node bench/training/reference.ts [--width 0.25] [--rate 0.01] [--seeds 1,2] [--images 2000] [--epochs 5] [--batch 100] [--threads 2]
//     [--peer float32|float64]
//
// For a comparison with the same training in another framework: no dropout, no augmentation, Adadelta ρ .9 ε 1e-3.
// With --peer PyTorch repeats each training from the same first weights on the same batches, in that precision.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { decodeCurve, lossCap, partialAulc, trainingObjectiveSchema } from '@gradsmith/core';
import { prepareDataSet } from '@gradsmith/training/data';
import { ProcessTrainer } from '@gradsmith/training/process';
import { cacheFolder } from '../lib/python.ts';
import { precisions, TorchReference } from './peer-reference.ts';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '0.25' }, rate: { type: 'string', default: '0.01' }, seeds: { type: 'string', default: '1,2' },
    images: { type: 'string', default: '2000' }, epochs: { type: 'string', default: '5' }, batch: { type: 'string', default: '100' },
    threads: { type: 'string', default: String(availableParallelism()) }, peer: { type: 'string' },
  },
});
const cacheDir = cacheFolder();
const threads = Number(values.threads);
await prepareDataSet('cifar10', { cacheDir });
const trainer = new ProcessTrainer({ backend: 'tensorflow', cacheDir, threads });
const precision = precisions.find((one) => one === values.peer);
if (values.peer !== undefined && !precision) throw new Error(`--peer ${values.peer}: give ${precisions.join(' or ')}`);
const reference = precision && { precision, torch: new TorchReference() };

/** A figure of each epoch's losses, to four digits. */
function byEpoch(losses: Float64Array, epochs: number, of: (losses: Float64Array, from: number) => number): number[] {
  const length = losses.length / epochs;
  return Array.from({ length: epochs }, (_, epoch) => Number(of(losses.subarray(epoch * length, (epoch + 1) * length), epoch * length).toPrecision(4)));
}
const mean = (losses: Float64Array): number => losses.reduce((sum, loss) => sum + loss / losses.length, 0);

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
  const losses = Float64Array.from(decodeCurve(curve));
  const { epochs } = objective;
  console.log(JSON.stringify({
    width: Number(values.width), learningRate: Number(values.rate), seed, aulc: value, epochs: byEpoch(losses, epochs, mean),
    validationAccuracy: metrics['validationAccuracy'], imagesPerSecond: Math.round(metrics['imagesPerSecond']!), backend: provenance['backend'],
  }));
  if (!reference) continue;
  const theirs = await reference.torch.losses(objective, { cacheDir, threads, precision: reference.precision });
  console.log(JSON.stringify({
    seed, peer: `PyTorch, ${reference.precision}`, aulc: partialAulc(theirs, theirs.length, lossCap(10)), epochs: byEpoch(theirs, epochs, mean),
    largestDifference: byEpoch(losses, epochs, (part, from) => part.reduce((most, loss, i) => Math.max(most, Math.abs(loss / theirs[from + i]! - 1)), 0)),
  }));
}
reference?.torch[Symbol.dispose]();
await trainer.close();
