import { planTraining } from '../objective/index.ts';
import { directionOf, isTraining, type JobSpec } from './spec.ts';

/** What a pruned trial was held against: at `step` its value was beyond `threshold`, the worst that may go on. */
export interface Pruning {
  step: number;
  value: number;
  threshold: number;
}

/** Values that trials of the job had at each rung (a step where trials are compared), the latest last. */
export interface RungsRecord {
  schema: 1;
  rungs: Record<string, [trial: string, value: number][]>;
}

/** Of every three trials at a rung of `asha` one goes on. */
const REDUCTION = 3;
/** Trials that `median` wants at a rung before it judges another one there. */
const MEDIAN_AFTER = 5;
/** Values kept at a rung: later trials are held against these, and the record stays small. */
const KEPT = 200;
/** The most steps an outside program is expected to report. */
const OUTSIDE_STEPS = 1e6;

/** The steps at which trials of the job are compared with each other, ascending; none for `none` and `proven`. */
export function rungsOf(spec: JobSpec): number[] {
  const { pruning } = spec.search;
  if (pruning === 'none' || pruning === 'proven') return [];
  // How many steps an outside program will report is not known, so its rungs start at the first one.
  if (!isTraining(spec)) return geometric(pruning === 'asha' ? REDUCTION : 1.5);
  const { steps } = planTraining(spec.objective);
  const parts = pruning === 'asha' ? [1 / 27, 1 / 9, 1 / 3] : Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
  return [...new Set(parts.map((part) => Math.ceil(part * steps)))].filter((step) => step < steps);
}

function geometric(factor: number): number[] {
  const rungs = new Set<number>();
  for (let step = 1; step <= OUTSIDE_STEPS; step *= factor) rungs.add(Math.round(step));
  return [...rungs];
}

/** How many of the best values a job remembers: as many as are confirmed, so that pruning cannot alter which. */
export function leadersOf({ confirm }: JobSpec): number {
  return Math.max(1, confirm.top);
}

/** The values at the rung with this trial's among them; it stands there once, also when it is trained again. */
export function withValue(record: RungsRecord, rung: number, trial: string, value: number): RungsRecord {
  const others = (record.rungs[rung] ?? []).filter(([id]) => id !== trial);
  return {
    ...record,
    rungs: { ...record.rungs, [rung]: [...others, [trial, value] as [string, number]].slice(-KEPT) },
  };
}

/** The values without those of a trial that was taken back. */
export function withoutTrial({ schema, rungs }: RungsRecord, trial: string): RungsRecord {
  return {
    schema,
    rungs: Object.fromEntries(Object.entries(rungs).map(([rung, at]) => [rung, at.filter(([id]) => id !== trial)])),
  };
}

/**
 * The worst value with which the trial may go on beyond the rung, or null where there is nothing to hold it against
 * yet.
 */
export function rungThreshold(spec: JobSpec, record: RungsRecord, rung: number, trial: string): number | null {
  const at = record.rungs[rung] ?? [];
  const sign = directionOf(spec) === 'minimize' ? 1 : -1;
  const ranked = (entries: typeof at): number[] => entries.map(([, value]) => value).sort((a, b) => sign * (a - b));
  if (spec.search.pruning === 'asha') return ranked(at)[Math.max(1, Math.floor(at.length / REDUCTION)) - 1] ?? null;
  const others = ranked(at.filter(([id]) => id !== trial));
  if (others.length < MEDIAN_AFTER) return null;
  const middle = others.length >> 1;
  return others.length % 2 ? others[middle]! : (others[middle - 1]! + others[middle]!) / 2;
}
