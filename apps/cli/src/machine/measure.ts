import { trainingObjectiveSchema, type TrainingObjective } from '@gradsmith/core/objective';
import { backendNames, ProcessTrainer, type BackendName } from '@gradsmith/training/process';

export interface BackendReport {
  name: BackendName;
  /** Whether it starts on this machine. */
  usable: boolean;
  /** Its runtime (see core's JobRecord.runtime), or why it does not start. */
  detail: string;
  /** Training examples per second, by network; empty if it was not measured. */
  examplesPerSecond: Record<string, number>;
}

const TIMEOUT_MS = 60_000;
const BATCH = 64;
const STEPS = 20;

const base = { kind: 'training', optimizer: { name: 'sgd', learningRate: 0.01 }, epochs: 1, batchSize: BATCH };
const examples = BATCH * STEPS;

/** Trainings of about a second. Convolutions need images, so they are measured only if MNIST is in the cache. */
const measured: Record<string, { needs?: 'mnist'; objective: TrainingObjective }> = {
  'dense 784-128-2': {
    objective: createObjective({
      dataset: { name: 'two-gaussians', dimension: 784, train: examples, validation: 0 },
      network: { name: 'mlp', hidden: [128] },
    }),
  },
  'cnn on MNIST': {
    needs: 'mnist',
    objective: createObjective({
      dataset: { name: 'mnist', train: examples, validation: 0 },
      network: { name: 'cnn' },
    }),
  },
};

function createObjective(part: object): TrainingObjective {
  return trainingObjectiveSchema.parse({ ...base, ...part });
}

/** Starts every backend in its own process and, with `measure`, times it with real trainings. */
export async function reportBackends({
  cacheDir,
  cached,
  measure,
  onStep,
}: {
  cacheDir: string;
  cached: readonly string[];
  measure: boolean;
  onStep(what: string): void;
}): Promise<BackendReport[]> {
  const reports: BackendReport[] = [];
  for (const name of backendNames) {
    onStep(`starting ${name}`);
    const trainer = new ProcessTrainer({ backend: name, cacheDir });
    try {
      const { runtime: detail } = await trainer.start();
      const examplesPerSecond: Record<string, number> = {};
      for (const [what, { needs, objective }] of Object.entries(measured)) {
        if (!measure || (needs && !cached.includes(needs))) continue;
        onStep(`${name}: ${what}`);
        examplesPerSecond[what] = await measureSpeed(trainer, objective);
      }
      reports.push({ name, usable: true, detail, examplesPerSecond });
    } catch (error) {
      reports.push({ name, usable: false, detail: findReason(error), examplesPerSecond: {} });
    } finally {
      await trainer.close();
    }
  }
  return reports;
}

/** Measures the second training, because the first one compiles and fills caches. */
async function measureSpeed(trainer: ProcessTrainer, objective: TrainingObjective): Promise<number> {
  let seconds = 0;
  for (const key of ['warm-up', 'measured']) {
    const start = performance.now();
    await trainer.train(
      { key, objective, timeoutMs: TIMEOUT_MS },
      { signal: new AbortController().signal, onProgress: () => {} },
    );
    seconds = (performance.now() - start) / 1000;
  }
  return Math.round(examples / seconds);
}

/** Returns the sentence with the reason from the output of a process that did not start. */
function findReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const named = /Error: (.+)/.exec(text);
  return (named?.[1] ?? text.split('\n')[0]!).trim();
}
