import {
  findSlice,
  placeInSlice,
  projectPath,
  type LandscapeData,
  type PathsData,
  type Slice,
} from '@gradsmith/charts';
import {
  countRecordedWeights,
  decodeCurve,
  REFERENCE_ID,
  type Recording,
  type TrialRecord,
} from '@gradsmith/core/domain';
import type { JobDocument } from '@gradsmith/core/jobs';
import { planTraining, type TrainingObjective } from '@gradsmith/core/objective';
import { describeReference, isTrainingJob, type TrainingJob } from '@gradsmith/core/spec';
import { checkDataSet, loadDataSet } from '@gradsmith/training/data';
import { listShownTrials } from './list-shown-trials.ts';

/** Paths of the best trials that the figure shows. */
const SHOWN = 6;
/** Places of the landscape along each direction. */
const GRID = 31;
/** Share of the width of the paths that the landscape has around them. */
const MARGIN = 0.12;
/** Multiply-adds that a landscape may take: a few seconds on one core. */
const MAX_MULTIPLY_ADDS = 2e10;

/**
 * Returns the paths of the weights that a job's trials recorded, in the plane that contains the largest share of them,
 * and the loss there. null if the job recorded none.
 */
export async function measurePaths(document: JobDocument, cacheDir: string): Promise<PathsData | null> {
  const { spec, trials, recordings = {} } = document;
  if (!isTrainingJob(spec) || !spec.objective.record) return null;
  const best = listShownTrials(document, SHOWN);
  const reference = trials.find(({ id }) => id === REFERENCE_ID);
  const drawn = (reference ? [reference, ...best] : best).filter(({ id }) => Object.hasOwn(recordings, id));
  if (!drawn.length) return null;
  const found = drawn.map((trial) => ({ trial, weights: splitSnapshots(recordings[trial.id]!) }));
  const slice = findSlice(found.map(({ weights }) => weights));
  const paths = found.map(({ trial, weights }) => ({
    name: namePath(spec, trial),
    trial: trial.number,
    cosine: trial.result?.metrics['cosine.mean'] ?? null,
    ...projectPath(weights, slice),
  }));
  const { weights: layer } = spec.objective.record;
  const obstacle = findObstacle(spec.objective) ?? (await findMissingData(spec.objective, cacheDir));
  const landscape = obstacle
    ? null
    : await measureAround(
        spec,
        paths.flatMap(({ points }) => points),
        slice,
        cacheDir,
      );
  return { layer, share: slice.share, paths, landscape, obstacle };
}

function splitSnapshots(recording: Recording): Float32Array[] {
  const numbers = decodeCurve(recording.weights);
  const size = countRecordedWeights(recording);
  return recording.steps.map((_, i) => numbers.subarray(i * size, (i + 1) * size));
}

/** A job with one searched parameter names a path by its value: `derivative=silu`. */
function namePath(spec: TrainingJob, { number, point }: TrialRecord): string {
  if (number === null) return describeReference(spec).label;
  const [value, ...others] = Object.values(point);
  return value === undefined || others.length ? `trial ${number}` : String(value);
}

/** Says why the loss in the plane would not be that of the trainings; null if it is. */
function findObstacle({ record, frozen, ...objective }: TrainingObjective): string | null {
  const { layers } = planTraining({ record, frozen, ...objective });
  if (layers.some(({ type }) => type === 'batch-norm' || type === 'dropout'))
    return 'the network has batch norm or dropout';
  const learning = layers.filter(
    ({ type, name }) => (type === 'dense' || type === 'conv') && name !== record!.weights && !frozen.includes(name),
  );
  if (learning.length) return `${learning.map(({ name }) => name).join(', ')} learn, too`;
  const biased = layers.find((layer) => layer.name === record!.weights && 'bias' in layer && layer.bias);
  return biased ? `${record!.weights} has a bias, which learns, too` : null;
}

async function findMissingData({ dataset }: TrainingObjective, cacheDir: string): Promise<string | null> {
  try {
    await checkDataSet(dataset, { cacheDir });
    return null;
  } catch {
    return `the data set ${dataset.name} is not in the cache`;
  }
}

async function measureAround(
  spec: TrainingJob,
  points: readonly (readonly [number, number])[],
  slice: Slice,
  cacheDir: string,
): Promise<LandscapeData> {
  const { measureLandscape, useBackend, portableOps } = await import('@gradsmith/training');
  await useBackend('wasm');
  const objective = { ...spec.objective, backward: [] };
  const data = await loadDataSet(objective.dataset, { cacheDir });
  const affordable = Math.floor(MAX_MULTIPLY_ADDS / planTraining(objective).shape.multiplyAdds / GRID ** 2);
  const examples = Math.max(1, Math.min(data.train.count, affordable));
  const [x, y] = [createGrid(points.map(([first]) => first)), createGrid(points.map(([, second]) => second))];
  const places = y.flatMap((second) => x.map((first) => placeInSlice(slice, first, second)));
  const layer = objective.record!.weights;
  const losses = await measureLandscape(objective, data, places, { layer, examples, ops: portableOps });
  return { x, y, losses, examples };
}

function createGrid(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = MARGIN * (high - low || 1);
  const step = (high - low + 2 * margin) / (GRID - 1);
  return Array.from({ length: GRID }, (_, i) => low - margin + i * step);
}
