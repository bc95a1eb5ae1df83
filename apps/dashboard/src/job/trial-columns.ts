import { listParameters, readValue, type ParameterData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { computeGain } from '@gradsmith/core/domain';
import { isTrainingJob, readMetric, type JobSpec } from '@gradsmith/core/spec';
import type { TrialRow } from '../data/trial-rows.ts';
import { createColumnFormat, formatDuration, formatMetricName, formatNumber, formatSigned } from '../parts/format.ts';

export interface TrialColumn {
  /** Names of columns and of parameters may be equal, ids are not. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'trial' | 'state' | 'number' | 'text';
  /** What the table is sorted by; undefined comes last in both orders. */
  readonly value: (row: TrialRow) => number | string | undefined;
  readonly text: (row: TrialRow, now: number, format: (value: number) => string) => string;
  /** Whether its numbers are written with the same number of decimals. */
  readonly isAligned?: boolean;
  /** Whether the first click sorts from high to low, because that is from the best. */
  readonly isDescending: boolean;
  /** Whether the column is shown until the user chooses. */
  readonly isShown: boolean;
}

/** Parameters that are shown at first. More would not fit. */
const PARAMETERS = 6;

/** Returns the columns of the trial table of a job. */
export function listTrialColumns(spec: JobSpec, { metric, direction, reference }: JobStatus): TrialColumn[] {
  const gain = ({ state, value }: TrialRow): number | undefined =>
    value === null || state !== 'complete' || reference === null ? undefined : computeGain(reference, value, direction);
  const shown = { isDescending: false, isShown: true };
  const columns: TrialColumn[] = [
    {
      ...shown,
      id: 'trial',
      title: 'Trial',
      kind: 'trial',
      value: ({ number }) => number,
      text: ({ number }) => String(number),
    },
    {
      ...shown,
      id: 'state',
      title: 'State',
      kind: 'state',
      value: ({ state }) => state,
      text: ({ state, feasible }) => (feasible === false ? 'infeasible' : state),
    },
    {
      id: 'value',
      title: formatMetricName(metric),
      kind: 'number',
      // The value of a pruned trial is only a bound.
      value: ({ state, value }) => (state === 'complete' || state === 'diverged' ? (value ?? undefined) : undefined),
      text: (row, _now, format) => formatBound(row, direction, format),
      isAligned: true,
      isDescending: direction === 'maximize',
      isShown: true,
    },
  ];
  for (const { metric: name, goal } of spec.objectives ?? [])
    if (name !== metric) columns.push(createObjectiveColumn(spec, name, goal));
  // A gain says how much better one number is, and the trials of a Pareto front have several.
  if (isTrainingJob(spec) && !spec.objectives)
    columns.push({
      id: 'gain',
      title: 'Gain',
      kind: 'number',
      value: gain,
      text: (row, _now, format) => formatOptional(gain(row), (value) => formatSigned(value, format(value))),
      isAligned: true,
      isDescending: true,
      isShown: true,
    });
  columns.push({
    ...shown,
    id: 'took',
    title: 'Took',
    kind: 'number',
    value: (row) => computeDuration(row, Date.now()),
    text: (row, now) => formatOptional(computeDuration(row, now), formatDuration),
  });
  const free = listParameters(spec).filter(({ type }) => type !== 'constant');
  columns.push(...free.map((parameter, i) => createParameterColumn(parameter, i < PARAMETERS)));
  const hidden = { isDescending: false, isShown: false };
  columns.push(
    {
      ...hidden,
      id: 'source',
      title: 'Point from',
      kind: 'text',
      value: ({ source }) => source,
      text: ({ source }) => source,
    },
    {
      ...hidden,
      id: 'attempts',
      title: 'Attempts',
      kind: 'number',
      value: ({ attempts }) => attempts,
      text: ({ attempts }) => String(attempts),
    },
    {
      ...hidden,
      id: 'worker',
      title: 'Worker',
      kind: 'text',
      value: ({ worker }) => worker ?? undefined,
      text: ({ worker }) => worker ?? '–',
    },
    {
      ...hidden,
      id: 'reason',
      title: 'Reason',
      kind: 'text',
      value: ({ reason }) => reason ?? undefined,
      text: ({ reason }) => reason ?? '–',
    },
  );
  return columns;
}

/** A further objective of a job that has several. */
function createObjectiveColumn(spec: JobSpec, name: string, goal: 'minimize' | 'maximize'): TrialColumn {
  const read = ({ state, value, metrics }: TrialRow): number | undefined =>
    state === 'complete' && value !== null ? readMetric(spec, { value, metrics }, name) : undefined;
  return {
    id: `objective.${name}`,
    title: formatMetricName(name),
    kind: 'number',
    value: read,
    text: (row, _now, format) => formatOptional(read(row), format),
    isAligned: true,
    isDescending: goal === 'maximize',
    isShown: true,
  };
}

function createParameterColumn({ name, type }: ParameterData, isShown: boolean): TrialColumn {
  return {
    id: `point.${name}`,
    title: name,
    kind: type === 'categorical' || type === 'program' ? 'text' : 'number',
    value: ({ point }) => {
      const value = readValue(point, name);
      return typeof value === 'boolean' ? String(value) : value;
    },
    text: ({ point }, _now, format) => {
      const value = readValue(point, name);
      return typeof value === 'number' ? format(value) : String(value ?? '–');
    },
    isAligned: type === 'float',
    isDescending: false,
    isShown,
  };
}

/** The value of a pruned trial is a bound: the final value would have been no better. */
function formatBound(
  { state, value }: TrialRow,
  direction: 'minimize' | 'maximize',
  format: (value: number) => string,
): string {
  if (value === null) return '–';
  if (state !== 'pruned') return format(value);
  return `${direction === 'minimize' ? '≥' : '≤'} ${format(value)}`;
}

/** Values that differ more than this are written with their own digits: others would have none left. */
const SPREAD = 1_000;

/** Returns how the numbers of a column are written. */
export function chooseFormat(column: TrialColumn, rows: readonly TrialRow[]): (value: number) => string {
  if (!column.isAligned) return formatNumber;
  let [least, most] = [Infinity, 0];
  for (const row of rows) {
    const value = column.value(row);
    if (typeof value !== 'number' || value === 0) continue;
    least = Math.min(least, Math.abs(value));
    most = Math.max(most, Math.abs(value));
  }
  return most <= SPREAD * least ? createColumnFormat([most]) : formatNumber;
}

function formatOptional(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

function computeDuration({ startedAt, finishedAt }: TrialRow, now: number): number | undefined {
  return startedAt === null ? undefined : (finishedAt ?? now) - startedAt;
}
