import type { Direction } from './direction.ts';

/** What a pruned trial was held against: at `step` its value was beyond `threshold`, the worst that may go on. */
export interface Pruning {
  step: number;
  value: number;
  threshold: number;
}

/** Values that trials of the job had at each rung (a step where trials are compared), the latest last. */
export interface RungsRecord {
  schema: 2;
  rungs: Record<string, [trial: string, value: number][]>;
}

/** Of every three trials at a rung of `asha` one goes on. */
export const REDUCTION = 3;
/** Trials that `median` wants at a rung before it judges another one there. */
const MEDIAN_AFTER = 5;
/** Values kept at a rung: later trials are held against these, and the record stays small. */
const KEPT = 200;
/** The values at the rung with this trial's among them; it stands there once, also when it is trained again. */
export function addRungValue(record: RungsRecord, rung: number, trial: string, value: number): RungsRecord {
  const others = (record.rungs[rung] ?? []).filter(([id]) => id !== trial);
  return {
    ...record,
    rungs: { ...record.rungs, [rung]: [...others, [trial, value] as [string, number]].slice(-KEPT) },
  };
}

/** The values without those of a trial that was taken back. */
export function removeTrialFromRungs({ schema, rungs }: RungsRecord, trial: string): RungsRecord {
  return {
    schema,
    rungs: Object.fromEntries(Object.entries(rungs).map(([rung, at]) => [rung, at.filter(([id]) => id !== trial)])),
  };
}

/**
 * The worst value with which the trial may go on beyond the rung, or null where there is nothing to hold it against
 * yet.
 */
export function computeRungThreshold(
  { rule, direction }: { rule: 'median' | 'asha'; direction: Direction },
  record: RungsRecord,
  rung: number,
  trial: string,
): number | null {
  const at = record.rungs[rung] ?? [];
  const sign = direction === 'minimize' ? 1 : -1;
  const ranked = (entries: typeof at): number[] => entries.map(([, value]) => value).sort((a, b) => sign * (a - b));
  if (rule === 'asha') return ranked(at)[Math.max(1, Math.floor(at.length / REDUCTION)) - 1] ?? null;
  const others = ranked(at.filter(([id]) => id !== trial));
  if (others.length < MEDIAN_AFTER) return null;
  const middle = others.length >> 1;
  return others.length % 2 ? others[middle]! : (others[middle - 1]! + others[middle]!) / 2;
}
