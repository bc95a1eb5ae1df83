import type { Direction } from './direction.ts';
import { isBetter } from './direction.ts';
import type { Progress } from './progress.ts';
import { SCHEMA_VERSION } from './schema-version.ts';

/** A report of an attempt: its step and the number there. */
export type ReportPoint = [step: number, value: number];

/** Reports of one kind, in order of their steps. */
export interface ReportSeries {
  /** Steps between two kept points, at least. It grows as points are thinned out. */
  gap: number;
  /** The first, the latest, and those between them at least `gap` apart. */
  points: ReportPoint[];
}

/** Names an attempt within its job. */
export interface AttemptKey {
  trialId: string;
  attemptId: string;
}

/** What one attempt at a trial has reported so far. It stays as it is when the attempt finishes, in whatever way. */
export interface ReportsRecord {
  schema: typeof SCHEMA_VERSION;
  /** Intermediate values of the metric. */
  values?: ReportSeries | undefined;
  /** Of trainings: partial sums of the loss (`Progress.partialSum`). */
  sums?: ReportSeries | undefined;
  /** The best of all intermediate values, kept or thinned out. */
  best?: { step: number; value: number } | undefined;
}

/** Points kept of a series, at most. When there are more, every second one is left out. */
export const MAX_REPORTS = 128;
/** Significant digits of kept values: as many as float32, in which curves are stored, can hold. */
const DIGITS = 8;

/** Returns the record with the progress of a later step. */
export function addReport(record: ReportsRecord | undefined, progress: Progress, direction: Direction): ReportsRecord {
  const added: ReportsRecord = record ? { ...record } : { schema: SCHEMA_VERSION };
  const { step } = progress;
  if ('partialSum' in progress) added.sums = addPoint(added.sums, step, progress.partialSum);
  const { value } = progress;
  if (value === undefined) return added;
  added.values = addPoint(added.values, step, value);
  if (!added.best || isBetter(value, added.best.value, direction)) added.best = { step, value };
  return added;
}

/** Returns the series with a point of a later step; the latest point is always kept. */
function addPoint(series: ReportSeries | undefined, step: number, value: number): ReportSeries {
  const gap = series?.gap ?? 1;
  const points = [...(series?.points ?? [])];
  const isClose = points.length > 1 && points.at(-1)![0] - points.at(-2)![0] < gap;
  if (isClose) points.pop();
  points.push([step, Number(value.toPrecision(DIGITS))]);
  return points.length > MAX_REPORTS ? thinPoints(points) : { gap, points };
}

/** Returns about half of the points, evenly spread over their steps, the first and the latest among them. */
function thinPoints(points: readonly ReportPoint[]): ReportSeries {
  const span = points.at(-1)![0] - points[0]![0];
  const gap = Math.ceil(span / (MAX_REPORTS / 2));
  const kept: ReportPoint[] = [];
  for (const point of points.slice(0, -1)) {
    if (!kept.length || point[0] - kept.at(-1)![0] >= gap) kept.push(point);
  }
  return { gap, points: [...kept, points.at(-1)!] };
}
