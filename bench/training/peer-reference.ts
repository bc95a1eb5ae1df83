import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planTraining, type TrainingObjective } from '@gradsmith/core/objective';
import { portableOps, useBackend } from '@gradsmith/training';
import { type DataSet, loadDataSet } from '@gradsmith/training/data';
import { Batches } from '../../packages/training/src/engine/batches.ts';
import { NetworkRuntime } from '../../packages/training/src/engine/network.ts';
import { PipedProgram } from '../lib/piped-program.ts';
import { pythonEnvironment } from '../lib/python.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const precisions = ['float32', 'float64'] as const;

export interface PeerOptions {
  /** Where data sets are. */
  readonly cacheDir: string;
  readonly threads: number;
  readonly precision: (typeof precisions)[number];
  /** By default, the data set of the objective from the cache. */
  readonly data?: DataSet;
}

/** PyTorch, waiting for trainings to repeat from their own first weights on their own batches. */
export class TorchReference implements Disposable {
  readonly #program = new PipedProgram(
    'the PyTorch peer',
    pythonEnvironment('torch', path('../peers/torch-requirements.txt')),
    [path('../peers/torch_reference.py')],
  );

  /** Loss of every step of plain backpropagation. */
  async losses(
    objective: TrainingObjective,
    { cacheDir, threads, precision, data }: PeerOptions,
  ): Promise<Float64Array> {
    const folder = mkdtempSync(join(tmpdir(), 'gradsmith-reference-'));
    try {
      await useBackend('cpu', { cacheDir, threads: 1 });
      const question = writeTraining(objective, data ?? (await loadDataSet(objective.dataset, { cacheDir })), folder);
      return Float64Array.from(
        (await this.#program.ask<{ losses: number[] }>({ ...question, folder, threads, precision })).losses,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}

/** Writes first weights and every step's batch, as the engine would use them; returns how to read them. */
function writeTraining(objective: TrainingObjective, data: DataSet, folder: string): object {
  const plan = planTraining(objective);
  const network = new NetworkRuntime(plan, { seed: objective.seed, backward: [], frozen: [], ops: portableOps });
  network.start().parameters.forEach((tensor, i) => writeFileSync(join(folder, `parameter-${i}`), tensor.dataSync()));
  const batches = new Batches(data, objective, plan.stepsPerEpoch);
  for (let step = 0; step < plan.steps; step++) {
    const { x, labels } = batches.training(step);
    writeFileSync(join(folder, `inputs-${step}`), x.dataSync());
    writeFileSync(join(folder, `labels-${step}`), labels.dataSync());
    x.dispose();
    labels.dispose();
  }
  return {
    layers: plan.layers,
    input: plan.input,
    classes: plan.classes,
    optimizer: objective.optimizer,
    steps: plan.steps,
    parameters: network.parameters.map(({ layer, name, shape }) => ({ layer, name, shape })),
  };
}
