import { readValue } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { computeGain } from '@gradsmith/core/domain';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import type { TrialRow } from '../data/trial-rows.ts';
import { listParameters } from '../figures/report-data.ts';
import { formatBound, formatDuration, formatMetricName, formatNumber, formatSigned } from '../parts/format.ts';

export interface TrialColumn {
  /** Names of columns and of parameters may be equal, ids are not. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'trial' | 'state' | 'number' | 'text';
  /** What the table is sorted by; undefined comes last in both orders. */
  readonly value: (row: TrialRow) => number | string | undefined;
  readonly text: (row: TrialRow, now: number) => string;
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
    { ...shown, id: 'state', title: 'State', kind: 'state', value: ({ state }) => state, text: ({ state }) => state },
    {
      id: 'value',
      title: formatMetricName(metric),
      kind: 'number',
      // The value of a pruned trial is only a bound.
      value: ({ state, value }) => (state === 'complete' || state === 'diverged' ? (value ?? undefined) : undefined),
      text: (row) => formatBound(row, direction),
      isDescending: direction === 'maximize',
      isShown: true,
    },
  ];
  if (isTrainingJob(spec))
    columns.push({
      id: 'gain',
      title: 'Gain',
      kind: 'number',
      value: gain,
      text: (row) => formatOptional(gain(row), formatSigned),
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
  columns.push(...free.map(({ name, type }, i) => createParameterColumn(name, type !== 'categorical', i < PARAMETERS)));
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

function createParameterColumn(name: string, isNumber: boolean, isShown: boolean): TrialColumn {
  return {
    id: `point.${name}`,
    title: name,
    kind: isNumber ? 'number' : 'text',
    value: ({ point }) => {
      const value = readValue(point, name);
      return typeof value === 'boolean' ? String(value) : value;
    },
    text: ({ point }) => {
      const value = readValue(point, name);
      return typeof value === 'number' ? formatNumber(value) : String(value ?? '–');
    },
    isDescending: false,
    isShown,
  };
}

function formatOptional(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

function computeDuration({ startedAt, finishedAt }: TrialRow, now: number): number | undefined {
  return startedAt === null ? undefined : (finishedAt ?? now) - startedAt;
}
