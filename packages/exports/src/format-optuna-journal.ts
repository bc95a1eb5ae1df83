import { createSpace, type Parameter } from '@gradsmith/bayesopt';
import { listLastCurves, type TrialDetail } from '@gradsmith/contract';
import type { ExportedJob } from './exported-job.ts';

/** Numbers of optuna/storages/journal/_storage.py, optuna.trial.TrialState and optuna.study.StudyDirection. */
const CREATE_STUDY = 0;
const SET_STUDY_USER_ATTR = 2;
const SET_STUDY_SYSTEM_ATTR = 3;
const CREATE_TRIAL = 4;
const directions = { minimize: 1, maximize: 2 } as const;
const RUNNING = 0;
const FAIL = 3;
const states: Readonly<Partial<Record<TrialDetail['state'], number>>> = {
  complete: 1,
  pruned: 2,
  pending: RUNNING,
  running: RUNNING,
};

/** Optuna has no formulas: every trial has this choice, and the formula as an attribute. */
const PROGRAM = 'formula';

/** Name of the writer in each line. Optuna compares it with its own, and never has this one. */
const WRITER = { worker_id: 'gradsmith' };

/**
 * Writes the search trials of a job as the log of an Optuna study, for `JournalStorage(JournalFileBackend(FILE))`.
 * Trials keep their numbers, so all of them are written: those without a result as running, failed ones and those that
 * diverged or were cancelled as failed.
 */
export async function* formatOptunaJournal(
  job: ExportedJob,
  trials: AsyncIterable<TrialDetail>,
): AsyncGenerator<string> {
  const distributions = new Map([...job.parameters].map(([name, parameter]) => [name, encodeDistribution(parameter)]));
  const goals = job.objectives.map(({ goal }) => directions[goal]);
  yield formatLine({ op_code: CREATE_STUDY, study_name: job.name, directions: goals });
  yield formatLine({ op_code: SET_STUDY_USER_ATTR, study_id: 0, user_attr: { 'gradsmith:job': job.id } });
  yield formatLine({ op_code: SET_STUDY_USER_ATTR, study_id: 0, user_attr: { metric: job.metric } });
  if (goals.length > 1) {
    const names = { 'study:metric_names': job.objectives.map(({ metric }) => metric) };
    yield formatLine({ op_code: SET_STUDY_SYSTEM_ATTR, study_id: 0, system_attr: names });
  }
  for await (const trial of trials) {
    if (trial.role !== 'search') continue;
    const names = Object.keys(trial.point);
    yield formatLine({
      op_code: CREATE_TRIAL,
      study_id: 0,
      ...describeResult(job, trial),
      distributions: Object.fromEntries(names.map((name) => [name, distributions.get(name)])),
      params: Object.fromEntries(
        names.map((name) => [name, toInternal(job.parameters.get(name)!, trial.point[name]!)]),
      ),
      user_attrs: { ...describeAttributes(trial), ...listFormulas(job, trial) },
      system_attrs: describeConstraints(job.measureExcess(trial)),
      intermediate_values: listIntermediateValues(job, trial),
    });
  }
}

function formatLine(operation: object): string {
  return `${JSON.stringify({ ...operation, ...WRITER })}\n`;
}

function describeResult(job: ExportedJob, trial: TrialDetail): object {
  const { state, attempts, createdAt, settledAt } = trial;
  const code = states[state] ?? FAIL;
  const values = code === FAIL || code === RUNNING ? undefined : job.readObjectives(trial);
  const result = {
    state: code,
    value: values?.length === 1 ? values[0] : null,
    values: values && values.length > 1 ? values : null,
    datetime_start: toIsoTime(attempts.at(-1)?.startedAt ?? createdAt),
  };
  return settledAt === null ? result : { ...result, datetime_complete: toIsoTime(settledAt) };
}

/** Python reads the time zone Z only from version 3.11 on. */
function toIsoTime(time: string): string {
  return time.replace('Z', '+00:00');
}

function listFormulas({ parameters }: ExportedJob, { point }: TrialDetail): Record<string, unknown> {
  const formulas = Object.entries(point).filter(([name]) => parameters.get(name)?.type === 'program');
  return Object.fromEntries(formulas.map(([name, formula]) => [`gradsmith:${name}`, formula]));
}

function describeAttributes({ state, value, reason, metrics }: TrialDetail): object {
  const attributes: Record<string, unknown> = { ...metrics, 'gradsmith:state': state };
  if (reason !== null) attributes['gradsmith:reason'] = reason;
  if (state === 'diverged') attributes['gradsmith:value'] = value;
  return attributes;
}

/** Optuna keeps what its `constraints_func` returned there: a trial with a positive number is not feasible. */
function describeConstraints(excess: number[] | undefined): object {
  return excess ? { constraints: excess } : {};
}

/** A pruned trial of Optuna has its bound as the last intermediate value. */
function listIntermediateValues(job: ExportedJob, trial: TrialDetail): Record<string, number> {
  const curve = listLastCurves(job, trial).find(({ series }) => series === job.metric);
  return Object.fromEntries((curve?.points ?? []).map(({ step, value }) => [step, value]));
}

/** Returns a distribution as the JSON text of `optuna.distributions.distribution_to_json`. */
function encodeDistribution(parameter: Parameter): string {
  if (parameter.type === 'constant') return encodeCategorical([parameter.value]);
  if (parameter.type === 'categorical') return encodeCategorical(parameter.choices);
  if (parameter.type === 'program') return encodeCategorical([PROGRAM]);
  const { type, low, high, step } = parameter;
  const log = parameter.scale === 'log';
  // Optuna has no steps on a log scale.
  const spacing = log ? undefined : step;
  const last = spacing === undefined ? high : findLastValue({ type, low, high, step: spacing });
  return type === 'int'
    ? JSON.stringify({ name: 'IntDistribution', attributes: { log, step: spacing ?? 1, low, high: last } })
    : JSON.stringify({ name: 'FloatDistribution', attributes: { step: spacing ?? null, low, high: last, log } });
}

/** Returns the last value that a parameter with a step can have. */
function findLastValue(stepped: { type: 'float' | 'int'; low: number; high: number; step: number }): number {
  const [axis] = createSpace({ stepped }).axes;
  // A parameter with one value has no axis.
  return axis ? Number(axis.decode(1)) : stepped.low;
}

function encodeCategorical(choices: readonly (number | string | boolean)[]): string {
  return JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices } });
}

/** Returns a value as Optuna stores it: of a choice, its index. */
function toInternal(parameter: Parameter, value: number | string | boolean): number {
  if (parameter.type === 'constant' || parameter.type === 'program') return 0;
  return parameter.type === 'categorical' ? parameter.choices.indexOf(value) : Number(value);
}
