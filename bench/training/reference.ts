// Plain backpropagation on the first images of CIFAR-10: the AULC and the epochs' mean losses, seed by seed. No
// dropout, no augmentation, Adadelta ρ .9 ε 1e-3, as one would repeat it in another framework; with --peer PyTorch
// does.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { decodeCurve } from '@gradsmith/core/domain';
import {
  computeLossCap,
  computePartialAulc,
  trainingObjectiveSchema,
  type TrainingObjective,
} from '@gradsmith/core/objective';
import { prepareDataSet } from '@gradsmith/training/data';
import { ProcessTrainer } from '@gradsmith/training/process';
import { numberFrom, oneOf, readOptions } from '../lib/options.ts';
import { createProgress } from '../lib/progress.ts';
import { cacheFolder } from '../lib/python.ts';
import { checkClaim, formatShows, formatTable } from '../lib/shows.ts';
import { precisions, TorchReference } from './peer-reference.ts';

const count = numberFrom(1);
const values = readOptions({
  command: 'pnpm bench:reference',
  does: [
    'Trains SimpleNet by plain backpropagation on the first images of CIFAR-10, backend tensorflow, ' +
      'and says how the loss falls. With --peer PyTorch',
    'repeats each training from the same first weights on the same batches.',
  ],
  quick: 'the first seed only, on at most 500 images for at most two epochs; under 50 s at a quarter of the width',
  options: {
    width: {
      takes: '<factor>',
      meaning: 'of all numbers of channels',
      initial: '0.25',
      parse: numberFrom(0.01, { whole: false }),
    },
    rate: { takes: '<number>', meaning: 'the learning rate', initial: '0.01', parse: numberFrom(0, { whole: false }) },
    seeds: {
      takes: '<n,n>',
      meaning: 'training seeds',
      initial: '1,2',
      parse: (text) => text.split(',').map(numberFrom(0)),
    },
    images: { takes: '<n>', meaning: 'training examples', initial: '2000', parse: count },
    epochs: { takes: '<n>', meaning: 'passes over them', initial: '5', parse: count },
    batch: { takes: '<n>', meaning: 'examples in a step', initial: '100', parse: count },
    threads: {
      takes: '<n>',
      meaning: 'threads of one operation',
      initial: String(availableParallelism()),
      parse: count,
    },
    peer: {
      takes: '<precision>',
      meaning: `PyTorch next to it, in ${precisions.join(' or ')}`,
      initial: 'none',
      parse: oneOf('none', ...precisions),
    },
  },
  examples: [
    'pnpm bench:reference',
    'pnpm bench:reference --width 1 --seeds 1 --epochs 2',
    'pnpm bench:reference --quick --peer float64',
  ],
});
const { rate, width, batch, threads, peer } = values;
const [seeds, images, epochs] = values.quick
  ? [values.seeds.slice(0, 1), Math.min(values.images, 500), Math.min(values.epochs, 2)]
  : [values.seeds, values.images, values.epochs];
const cacheDir = cacheFolder();

interface Curve {
  readonly seed: number;
  /** `gradsmith`, or which PyTorch. */
  readonly by: string;
  readonly aulc: number;
  /** Mean loss of each epoch. */
  readonly epochs: readonly number[];
  /** Mean loss of the last fifth of all steps as a share of the first step's. */
  readonly left: number;
}

interface Measured {
  readonly curves: readonly Curve[];
  /** Backend and versions, for the record. */
  readonly backend: string;
  /** Of the losses of the first ten steps, relative; absent without a peer. Later, rounding makes two curves of one. */
  readonly largestDifference?: number;
}

const mean = (losses: Float64Array): number => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;

function buildCurve(seed: number, by: string, losses: Float64Array, aulc: number): Curve {
  const length = losses.length / epochs;
  const perEpoch = Array.from({ length: epochs }, (_, epoch) =>
    Number(mean(losses.subarray(epoch * length, (epoch + 1) * length)).toPrecision(4)),
  );
  return { seed, by, aulc, epochs: perEpoch, left: mean(losses.subarray(-Math.ceil(losses.length / 5))) / losses[0]! };
}

function buildObjective(seed: number): TrainingObjective {
  return trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'cifar10', train: images, validation: 1000 },
    network: { name: 'simplenet', width, dropout: 0 },
    optimizer: { name: 'adadelta', learningRate: rate, rho: 0.9, epsilon: 1e-3 },
    epochs,
    batchSize: batch,
    seed,
  });
}

async function measureSeed(
  seed: number,
  trainer: ProcessTrainer,
  torch: TorchReference | undefined,
): Promise<Measured> {
  const objective = buildObjective(seed);
  const { value, curve, provenance } = await trainer.train(
    { key: `seed-${seed}`, objective, timeoutMs: 2 ** 31 - 1 },
    { signal: new AbortController().signal, onProgress: ({ step }) => progress(`seed ${seed}, step ${step}`) },
  );
  const losses = Float64Array.from(decodeCurve(curve));
  const ours = buildCurve(seed, 'gradsmith', losses, value!);
  const backend = String(provenance['backend']);
  if (!torch || peer === 'none') return { curves: [ours], backend };
  progress(`seed ${seed}, PyTorch`);
  const theirs = await torch.losses(objective, { cacheDir, threads, precision: peer });
  const differences = Array.from(losses.subarray(0, 10), (loss, i) => Math.abs(loss / theirs[i]! - 1));
  const repeated = buildCurve(
    seed,
    `PyTorch, ${peer}`,
    theirs,
    computePartialAulc(theirs, theirs.length, computeLossCap(10)),
  );
  return { curves: [ours, repeated], backend, largestDifference: Math.max(...differences) };
}

const progress = createProgress('training');
await prepareDataSet('cifar10', { cacheDir });
const trainer = new ProcessTrainer({ backend: 'tensorflow', cacheDir, threads });
const torch = peer === 'none' ? undefined : new TorchReference();
const measured: Measured[] = [];
for (const seed of seeds) measured.push(await measureSeed(seed, trainer, torch));
torch?.[Symbol.dispose]();
await trainer.close();

const shows = measured.flatMap(({ curves, largestDifference }) => [
  ...curves.map(({ by, seed, left }) =>
    checkClaim(`seed ${seed}, ${by}: loss of the last steps`, left, '× the first', ['below', 1]),
  ),
  ...(largestDifference === undefined
    ? []
    : [
        checkClaim(`seed ${curves[0]!.seed}: largest difference of ten losses`, largestDifference, '', ['below', 0.05]),
      ]),
]);
if (process.stderr.isTTY) process.stderr.write('\n');
console.log(
  `SimpleNet, width ${width}, ${images} images of CIFAR-10, batch ${batch}, Adadelta at ${rate}; ` +
    `${measured[0]!.backend}\n`,
);
console.log(
  formatTable([
    ['seed', 'trained by', 'AULC', 'mean loss of each epoch'],
    ...measured
      .flatMap(({ curves }) => curves)
      .map(({ seed, by, aulc, epochs: each }) => [String(seed), by, aulc.toFixed(4), each.join('  ')]),
  ]),
);
console.log(`\n${formatShows(shows)}`);
if (values.json !== undefined) {
  const date = new Date().toISOString();
  writeFileSync(
    values.json,
    `${JSON.stringify({ date, width, rate, images, batch, threads, measured, shows }, null, 2)}\n`,
  );
}
