import { InvalidInput, type TrialResult } from '@gradsmith/core/domain';
import { type TrainingObjective } from '@gradsmith/core/objective';
import { formatRuntime, getKernelOps, type BackendDescription } from '../backends/index.ts';
import { type DataSet, loadDataSet, storedHash } from '../data/index.ts';
import { checkpointKey, train, type KernelOps } from '../engine/index.ts';
import type { CheckpointFolder } from './checkpoints.ts';
import type { TrainingRunner } from './serve.ts';

export interface RunnerOptions {
  backend: BackendDescription;
  cacheDir: string;
  checkpoints: CheckpointFolder | undefined;
}

/** Trains on the current backend. Data sets stay in memory from one training to the next. */
export function trainingRunner({ backend, cacheDir, checkpoints }: RunnerOptions): TrainingRunner {
  const ops: KernelOps = getKernelOps(backend.name);
  const dataSets = new DataSetMemory(cacheDir);
  return async ({ objective, rungs }, report): Promise<TrialResult> => {
    requireBackend(objective, backend);
    const data = await dataSets.get(objective.dataset);
    // A checkpoint has no recorded weights, so a training that records them starts again.
    const checkpoint = objective.record
      ? undefined
      : checkpoints?.of(checkpointKey(objective, data.hash, formatRuntime(backend)));
    const resume = checkpoint?.load();
    const result = await train(objective, data, {
      backend,
      ops,
      resume,
      rungs,
      onProgress: ({ step, partialSum, value }) => report({ step, partialSum, value }),
      onEpoch: (_, read) => checkpoint?.save(read),
    });
    checkpoint?.remove();
    return result;
  };
}

function requireBackend({ backend: wanted }: TrainingObjective, { name }: BackendDescription): void {
  if (wanted === 'auto' || wanted === name) return;
  const message =
    `asks for ${wanted}, but this trainer runs on ${name}. Start a worker for ${wanted}, or leave the ` +
    `choice to auto.`;
  throw new InvalidInput([{ path: ['backend'], message }], 'the objective');
}

/** Keeps the last data set while its file is unchanged, because all trials of a job use the same one. */
class DataSetMemory {
  readonly #cacheDir: string;
  #kept: { key: string; data: DataSet } | undefined;

  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  async get(dataset: TrainingObjective['dataset']): Promise<DataSet> {
    const options = { cacheDir: this.#cacheDir };
    const key = JSON.stringify([dataset, await storedHash(dataset, options)]);
    if (this.#kept?.key !== key) this.#kept = { key, data: await loadDataSet(dataset, options) };
    return this.#kept.data;
  }
}
