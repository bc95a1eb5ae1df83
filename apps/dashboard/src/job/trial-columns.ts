import { listParameters, readValue, type ParameterData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { computeGain } from '@gradsmith/core/domain';
import { getPrunedValue, isTrainingJob, readMetric, type JobSpec } from '@gradsmith/core/spec';
import type { TrialRow } from '../data/trial-rows.ts';
import {
  createColumnFormat,
  formatDuration,
  formatMetricName,
  formatNonzero,
  formatNumber,
  formatSigned,
  formatTrialValue,
} from '../parts/format.ts';

export interface TrialColumn {
  /** Names of columns and of parameters may be equal, ids are not. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'trial' | 'state' | 'number' | 'text';
  /** What the table is sorted by; undefined comes last in both orders. */
  readonly value: (row: TrialRow) => number | string | undefined;
  readonly text: (row: TrialRow, now: number, format: (value: number) => string) => string;
  /** Whether its numbers are written with the decimals that tell its best ones apart. */
  readonly isAligned?: boolean;
  /** A column with whose decimals its numbers are written. */
  readonly like?: TrialColumn;
  /** How its numbers are written, whatever the trials have. */
  readonly format?: (value: number) => string;
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
  const meaning = { direction, prunedValue: getPrunedValue(spec) };
  const value: TrialColumn = {
    id: 'value',
    title: formatMetricName(metric),
    kind: 'number',
    // A pruned trial has no final value.
    value: ({ state, value }) => (state === 'complete' || state === 'diverged' ? (value ?? undefined) : undefined),
    text: (row, _now, format) => formatTrialValue(row, meaning, format),
    isAligned: true,
    isDescending: direction === 'maximize',
    isShown: true,
  };
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
    value,
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
      text: (row, _now, format) =>
        formatOptional(gain(row), (value) => formatSigned(value, formatNonzero(value, format))),
      like: value,
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

function createParameterColumn(parameter: ParameterData, isShown: boolean): TrialColumn {
  const { name, type } = parameter;
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
    ...(parameter.type === 'float' && parameter.scale !== 'log' ? { format: createRangeFormat(parameter) } : {}),
    isDescending: false,
    isShown,
  };
}

/** Writes values with the decimals of their range; one that would be written as zero with its own. */
function createRangeFormat({ low, high }: { readonly low: number; readonly high: number }): (value: number) => string {
  const format = createColumnFormat([(Math.abs(low) + Math.abs(high)) / 2]);
  return (value) => formatNonzero(value, format);
}

/** Values whose decimals a column has, and how much they may differ: otherwise the small ones would have no digits. */
const BEST = 10;
const SPREAD = 1_000;

/** Returns how the numbers of a column are written. `rows` are all trials, so that a filter changes no digits. */
export function chooseFormat(column: TrialColumn, rows: readonly TrialRow[]): (value: number) => string {
  const { isAligned, isDescending, value, format = formatNumber } = column.like ?? column;
  if (!isAligned) return format;
  const known = rows.filter((row) => row !== undefined).map(value);
  const values = Float64Array.from(known.filter((one) => typeof one === 'number')).sort();
  const best = Array.from(isDescending ? values.slice(-BEST) : values.slice(0, BEST));
  const sizes = best.map(Math.abs).filter((size) => size > 0);
  return Math.max(...sizes) > SPREAD * Math.min(...sizes) ? formatNumber : createColumnFormat(best);
}

function formatOptional(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

function computeDuration({ startedAt, finishedAt }: TrialRow, now: number): number | undefined {
  return startedAt === null ? undefined : (finishedAt ?? now) - startedAt;
}
