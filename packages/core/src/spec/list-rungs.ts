import { REDUCTION } from '../domain/pruning.ts';
import { planTraining } from '../objective/schema.ts';
import { isTrainingJob, type JobSpec } from './job-spec.ts';

/** The most steps an external program is expected to report. */
const EXTERNAL_STEPS = 1e6;

/** The steps at which trials of the job are compared with each other, ascending; none for `none` and `proven`. */
export function listRungs(spec: JobSpec): number[] {
  const { pruning } = spec.search;
  if (pruning === 'none' || pruning === 'proven') return [];
  // How many steps an outside program will report is not known, so its rungs start at the first one.
  if (!isTrainingJob(spec)) return geometric(pruning === 'asha' ? REDUCTION : 1.5);
  const { steps } = planTraining(spec.objective);
  const parts = pruning === 'asha' ? [1 / 27, 1 / 9, 1 / 3] : Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
  return [...new Set(parts.map((part) => Math.ceil(part * steps)))].filter((step) => step < steps);
}

function geometric(factor: number): number[] {
  const rungs = new Set<number>();
  for (let step = 1; step <= EXTERNAL_STEPS; step *= factor) rungs.add(Math.round(step));
  return [...rungs];
}

/** How many of the best values a job remembers: as many as are confirmed, so that pruning cannot alter which. */
export function countLeaders({ confirm }: JobSpec): number {
  return Math.max(1, confirm.top);
}
