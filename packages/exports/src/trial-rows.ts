import type { TrialResource } from '@gradsmith/contract';
import { listColumns, toTypedValue, type Column } from './columns.ts';
import type { ExportedJob } from './exported-job.ts';

const fixed: readonly Column[] = [
  { name: 'id', type: 'text' },
  { name: 'role', type: 'text' },
  { name: 'number', type: 'integer' },
  { name: 'state', type: 'text' },
  { name: 'value', type: 'number' },
  { name: 'source', type: 'text' },
  { name: 'seed', type: 'integer' },
  { name: 'attempts', type: 'integer' },
  { name: 'createdAt', type: 'time' },
  { name: 'settledAt', type: 'time' },
  { name: 'reason', type: 'text' },
];

/** The columns of `CurveRow`. */
export const curveColumns: readonly Column[] = [
  { name: 'trial', type: 'text' },
  { name: 'role', type: 'text' },
  { name: 'number', type: 'integer' },
  { name: 'attempt', type: 'integer' },
  { name: 'series', type: 'text' },
  { name: 'step', type: 'integer' },
  { name: 'value', type: 'number' },
];

/** Lists the columns of a job's trials; they have the names and the order of those in CSV. */
export function listTrialColumns(job: ExportedJob, metrics: readonly string[]): Column[] {
  return [
    ...fixed,
    ...listColumns(job),
    ...metrics.map((name): Column => ({ name: `metric.${name}`, type: 'number' })),
    { name: 'feasible', type: 'boolean' },
  ];
}

/** Returns a trial as a row with a cell for each column; absent values are missing. */
export function toTrialRow({ parameters }: ExportedJob, trial: TrialResource): Record<string, unknown> {
  const { id, role, number, state, value, feasible, source, seed, reason } = trial;
  const point = Object.entries(trial.point).map(([name, each]) => {
    const parameter = parameters.get(name);
    return [`point.${name}`, parameter ? toTypedValue(parameter, each) : each] as const;
  });
  const metrics = Object.entries(trial.metrics).map(([name, each]) => [`metric.${name}`, each] as const);
  return {
    id,
    role,
    number,
    state,
    value,
    feasible,
    source,
    seed,
    reason,
    attempts: trial.attempts.length,
    createdAt: Date.parse(trial.createdAt),
    settledAt: trial.settledAt === null ? null : Date.parse(trial.settledAt),
    ...Object.fromEntries([...point, ...metrics]),
  };
}
