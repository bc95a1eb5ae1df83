import { readFileSync } from 'node:fs';
import { trainingObjectiveSchema, type TrainingObjective } from '@gradsmith/core/objective';
import { ProcessTrainer } from '@gradsmith/training/process';

const small = (train: number, seed = 0): TrainingObjective =>
  trainingObjectiveSchema.parse({
    kind: 'training',
    dataset: { name: 'cifar10', train, validation: 0 },
    network: { name: 'simplenet-slim', width: 0.25 },
    optimizer: { name: 'adadelta', learningRate: 0.01 },
    epochs: 1,
    batchSize: 10,
    seed,
  });

interface Options {
  backend: 'tensorflow' | 'wasm';
  cacheDir: string;
  threads: number;
}

function createHooks(onProgress = () => {}) {
  return { signal: new AbortController().signal, onProgress };
}

/** Seconds from the start of a trainer process to the end of its first step, including reading 2,000 images. */
export async function secondsToFirstStep(options: Options): Promise<number> {
  const start = performance.now();
  const trainer = new ProcessTrainer(options);
  try {
    let first = NaN;
    const onProgress = () => (first = Number.isNaN(first) ? (performance.now() - start) / 1000 : first);
    await trainer.train(
      { key: 'start', objective: small(2000), timeoutMs: 600_000, rungs: [1] },
      { ...createHooks(onProgress), prune: AbortSignal.timeout(1) },
    );
    return first;
  } finally {
    await trainer.close();
  }
}

/** Resident memory, in MiB, of one trainer process after each of `trials` trials. */
export async function memoryOver(
  trials: number,
  options: Options,
  progress: (done: string) => void,
): Promise<number[]> {
  const trainer = new ProcessTrainer(options);
  try {
    const resident: number[] = [];
    for (let trial = 0; trial < trials; trial++) {
      await trainer.train({ key: `memory-${trial}`, objective: small(20, trial), timeoutMs: 600_000 }, createHooks());
      resident.push(residentMebibytes(trainer.pid!));
      if ((trial + 1) % 20 === 0) progress(`trial ${trial + 1} of ${trials}: ${resident.at(-1)!.toFixed(0)} MiB`);
    }
    return resident;
  } finally {
    await trainer.close();
  }
}

function residentMebibytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kibibytes) / 1024;
}
