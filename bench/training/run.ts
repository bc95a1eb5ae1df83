// Trainings next to PyTorch's. See README.md.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { prepareDataSet } from '@gradsmith/training/data';
import { installBackend, installedTensorflow } from '@gradsmith/training/install';
import { readOptions } from '../lib/options.ts';
import { createProgress } from '../lib/progress.ts';
import { cacheFolder } from '../lib/python.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import { listCases } from './cases.ts';
import { startEngine, startTorch } from './programs.ts';
import { measureSpeeds, type Speeds } from './speed.ts';
import { memoryOver, secondsToFirstStep } from './trainer.ts';

const values = readOptions({
  command: 'pnpm bench:training',
  does: [
    'Trains networks on the backends tensorflow and wasm next to PyTorch, then measures the start and the memory of a',
    'trainer. Fetches TensorFlow, CIFAR-10 and a Python environment with PyTorch, once, into the cache.',
  ],
  quick: 'fewer rounds; under 50 s once everything is fetched',
  options: {},
  examples: ['pnpm bench:training', 'pnpm bench:training --quick', 'pnpm bench:training --json training.json'],
});
const threads = availableParallelism();
const cacheDir = cacheFolder();
const TRIALS = values.quick ? 80 : 200;
/** Trials after which a process has allocated what it is going to. */
const WARM = 40;

interface Lifetime {
  backend: 'tensorflow' | 'wasm';
  /** From the start of a trainer process to the end of its first step. */
  startSeconds: number;
  /** Resident memory in MiB after every trial. */
  resident: number[];
}

async function measureAllSpeeds(): Promise<{ runtime: string; measured: Speeds[] }> {
  using torch = startTorch();
  using tensorflow = startEngine('tensorflow', threads, cacheDir);
  using first = startEngine('wasm', 1, cacheDir);
  using second = startEngine('wasm', 1, cacheDir);
  const { runtime } = await tensorflow.next<{ runtime: string }>();
  await Promise.all([first.next(), second.next()]);
  const measured: Speeds[] = [];
  const progress = createProgress('speed');
  for (const each of listCases(values.quick)) {
    progress(each.name);
    measured.push(
      await measureSpeeds(each, values.quick ? { all: 2, wasm: 1 } : { all: 5, wasm: 5 }, threads, {
        torch,
        tensorflow,
        wasm: [first, second],
      }),
    );
  }
  return { runtime, measured };
}

function buildTrainerOptions(backend: Lifetime['backend']) {
  return { backend, cacheDir, threads: backend === 'wasm' ? 1 : threads };
}

/** The first start reads libraries from the disk: the best one is what the next trainer of a worker takes. */
async function bestStart(backend: Lifetime['backend']): Promise<number> {
  const starts: number[] = [];
  for (let i = 0; i < 3; i++) starts.push(await secondsToFirstStep(buildTrainerOptions(backend)));
  return Math.min(...starts);
}

async function measureLifetimes(...backends: Lifetime['backend'][]): Promise<Lifetime[]> {
  const startSeconds: number[] = [];
  for (const backend of backends) startSeconds.push(await bestStart(backend));
  // Side by side: memory does not depend on how busy the machine is.
  const resident = await Promise.all(
    backends.map((backend) => memoryOver(TRIALS, buildTrainerOptions(backend), createProgress(`memory of ${backend}`))),
  );
  return backends.map((backend, i) => ({ backend, startSeconds: startSeconds[i]!, resident: resident[i]! }));
}

function listShows(measured: readonly Speeds[], lifetimes: readonly Lifetime[]): Show[] {
  return [
    ...measured.flatMap(({ case: name, torch, tensorflow, wasm }) => [
      checkClaim(`${name}: tensorflow`, tensorflow / torch, '× PyTorch', ['at least', 1]),
      checkClaim(`${name}: two wasm processes`, wasm / torch, '× PyTorch', ['at least', 0.22]),
    ]),
    ...lifetimes.flatMap(({ backend, startSeconds, resident }) => [
      checkClaim(`trainer on ${backend}: start to first step`, startSeconds, 's', ['below', 1.5]),
      checkClaim(
        `trainer on ${backend}: memory, trial ${TRIALS} against trial ${WARM}`,
        resident.at(-1)! / resident[WARM - 1]!,
        '×',
        ['below', 1.05],
      ),
    ]),
  ];
}

const started = performance.now();
await prepareDataSet('cifar10', { cacheDir });
if (installedTensorflow(cacheDir) === undefined)
  await installBackend('tensorflow', { cacheDir, onStep: (step) => console.error(`${step} …`) });
const { runtime, measured } = await measureAllSpeeds();
const lifetimes = await measureLifetimes('tensorflow', 'wasm');
const shows = listShows(measured, lifetimes);
if (process.stderr.isTTY) process.stderr.write('\n');

console.log(
  `Images a second in training; ${threads} threads of ${cpus()[0]?.model}, ${runtime}, ` +
    `PyTorch on the CPU in the same run\n`,
);
console.log(
  formatTable([
    ['training', 'PyTorch', 'tensorflow', 'two wasm processes'],
    ...measured.map(({ case: name, ...rates }) => [
      name,
      ...[rates.torch, rates.tensorflow, rates.wasm].map((rate) => rate.toPrecision(3)),
    ]),
  ]),
);
console.log(`\n${formatShows(shows)}`);
if (values.json !== undefined) {
  const result = {
    date: new Date().toISOString(),
    quick: values.quick,
    threads,
    cpu: cpus()[0]?.model,
    runtime,
    measured,
    lifetimes,
    shows,
  };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
console.error(`took ${((performance.now() - started) / 1000).toFixed(0)} s`);
