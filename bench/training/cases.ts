import {
  planTraining,
  trainingObjectiveSchema,
  type TrainingObjective,
  type TrainingObjectiveInput,
} from '@gradsmith/core/objective';

/** One training to be timed. */
export interface Case {
  readonly name: string;
  readonly objective: TrainingObjective;
  /** Steps of one timed run. */
  readonly steps: number;
}

type Settings = Omit<TrainingObjectiveInput, 'kind' | 'epochs'>;

function toCase(name: string, steps: number, settings: Settings): Case {
  const batch = settings.batchSize!;
  const dataset = { ...settings.dataset, train: batch * steps, validation: 0 } as Settings['dataset'];
  return {
    name,
    steps,
    objective: trainingObjectiveSchema.parse({ ...settings, kind: 'training', dataset, epochs: 1 }),
  };
}

const adadelta = { name: 'adadelta', learningRate: 0.01 } as const;
const simplenet = (width: number) =>
  ({ dataset: { name: 'cifar10' }, network: { name: 'simplenet', width, dropout: 0 }, optimizer: adadelta }) as const;

/** What trials are made of: the paper's two experiments, the second also at a quarter of its width, and ResNet-20. */
export function listCases(quick: boolean): Case[] {
  const scale = quick ? 1 : 6;
  return [
    toCase('SimpleNet width 0.25, batch 100', 3 * scale, { ...simplenet(0.25), batchSize: 100 }),
    toCase('SimpleNet width 1, batch 32', quick ? 2 : 9, { ...simplenet(1), batchSize: 32 }),
    toCase('ResNet-20, batch 32', 2 * scale, {
      dataset: { name: 'cifar10' },
      network: { name: 'resnet' },
      optimizer: { name: 'momentum', learningRate: 0.1 },
      batchSize: 32,
    }),
    toCase('MLP 2-32-32-2, batch 200', 100 * scale, {
      dataset: { name: 'two-gaussians' },
      network: { name: 'mlp' },
      optimizer: { name: 'adam', learningRate: 0.1 },
      batchSize: 200,
    }),
  ];
}

/** The case as `../peers/torch_peer.py` takes it. */
export function peerCase({ objective, steps }: Case, threads: number): object {
  const { layers, input, classes } = planTraining(objective);
  const { optimizer, batchSize } = objective;
  return { layers, input, classes, optimizer, batchSize, steps, threads };
}
