import { REDUCTION } from '../domain/pruning.ts';
import { planTraining } from '../objective/schema.ts';
import { isTrainingJob, type JobSpec } from './job-spec.ts';

/** The most steps an external program is expected to report. */
const EXTERNAL_STEPS = 1e6;

/** Lists the steps at which trials of the job are compared, ascending; none for `none` and `proven`. */
export function listRungs(spec: JobSpec): number[] {
  const { pruning } = spec.search;
  if (pruning === 'none' || pruning === 'proven') return [];
  // The number of steps of an external program is not known, so its rungs start at step 1.
  if (!isTrainingJob(spec)) return listGeometricRungs(pruning === 'asha' ? REDUCTION : 1.5);
  const { steps } = planTraining(spec.objective);
  const parts = pruning === 'asha' ? [1 / 27, 1 / 9, 1 / 3] : Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
  return [...new Set(parts.map((part) => Math.ceil(part * steps)))].filter((step) => step < steps);
}

function listGeometricRungs(factor: number): number[] {
  const rungs = new Set<number>();
  for (let step = 1; step <= EXTERNAL_STEPS; step *= factor) rungs.add(Math.round(step));
  return [...rungs];
}

/** Returns how many best values a job keeps: as many as are confirmed, so that pruning cannot change which. */
export function countLeaders({ confirm }: JobSpec): number {
  return Math.max(1, confirm.top);
}
