import type { Direction } from './direction.ts';
import type { SCHEMA_VERSION } from './schema-version.ts';

/**
 * Why a trial was pruned: at `step` its value was worse than `threshold`, the worst value that may continue. The value
 * of `predicted` is the end of the prediction interval of its final value that is better for the trial.
 */
export interface Pruning {
  step: number;
  value: number;
  threshold: number;
}

/** Values of the job's trials at each rung (a step at which trials are compared), the latest last. */
export interface RungsRecord {
  schema: typeof SCHEMA_VERSION;
  rungs: Record<string, [trial: string, value: number][]>;
  /** Values of complete trials, the best first (those of earlier versions: the latest last); only under `predicted`. */
  finals?: [trial: string, value: number][] | undefined;
}

/** One of this many trials at a rung of `asha` continues. */
export const REDUCTION = 3;
/** Trials that `median` needs at a rung before it prunes another one there. */
const MEDIAN_AFTER = 5;
/** Values kept at a rung, so that the record stays small: the latest, and those of the best complete trials. */
const KEPT = 200;
/** Best complete trials whose values stay at every rung: more than a prediction uses, as some lack a rung. */
const KEPT_BEST = 32;

/** Returns the record with the trial's value at a rung. A trial that is trained again replaces its value. */
export function addRungValue(record: RungsRecord, rung: number, trial: string, value: number): RungsRecord {
  const others = (record.rungs[rung] ?? []).filter(([id]) => id !== trial);
  const at = [...others, [trial, value] as [string, number]];
  if (at.length > KEPT) {
    const best = new Set((record.finals ?? []).slice(0, KEPT_BEST).map(([id]) => id));
    at.splice(
      at.findIndex(([id]) => !best.has(id)),
      1,
    );
  }
  return { ...record, rungs: { ...record.rungs, [rung]: at } };
}

/** Returns the record with the value of a complete trial. The best ones are kept, best first. */
export function addFinalValue(record: RungsRecord, direction: Direction, trial: string, value: number): RungsRecord {
  const sign = direction === 'minimize' ? 1 : -1;
  const finals = [...(record.finals ?? []), [trial, value] as [string, number]];
  return { ...record, finals: finals.sort(([, a], [, b]) => sign * (a - b)).slice(0, KEPT) };
}

/** Returns the record without the values of an invalidated trial. */
export function removeTrialFromRungs(record: RungsRecord, trial: string): RungsRecord {
  const isOther = ([id]: [string, number]): boolean => id !== trial;
  const rungs = Object.entries(record.rungs).map(([rung, at]) => [rung, at.filter(isOther)] as const);
  const kept = { ...record, rungs: Object.fromEntries(rungs) };
  if (record.finals) kept.finals = record.finals.filter(isOther);
  return kept;
}

/**
 * Returns the worst value with which the trial may continue past the rung; null while there is nothing to compare it
 * with.
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
