import { createSpace, dominates, type Space } from '@gradsmith/bayesopt';
import { makeBaselineTrialId } from '../domain/baselines.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { makeConfirmTrialId } from '../domain/confirm-trials.ts';
import { Conflict, InvalidInput, type Problem } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { createNotifications } from '../domain/notifications-record.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import { countRecordedWeights, type Recording } from '../domain/recording.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { decodeCurve } from '../domain/trial-result.ts';
import { isSettled, trialMoves, trialStates } from '../domain/trial-states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { encodeRecord, fields } from '../ledger/records.ts';
import { listBaselines } from '../spec/baselines.ts';
import { getDirection, parseJob, type JobSpec } from '../spec/job-spec.ts';
import { measureExcess } from '../spec/measured-constraints.ts';
import { readObjectives, toCosts } from '../spec/objectives.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import type { JobDocument } from './job-document.ts';
import { listSummaryProblems } from './list-summary-problems.ts';

/** A checked document as records. Plain data, so that another thread can prepare it. */
export interface PreparedImport {
  job: JobRecord;
  spec: JobSpec;
  /** Records of trials, curves, recordings and reports, as text by field. */
  writes: (readonly [field: string, text: string])[];
}

/**
 * Checks a document and encodes its records. It takes seconds for a large job, so it must not run on an event loop that
 * others wait for.
 *
 * @throws InvalidInput for a document whose parts contradict each other
 */
export function prepareImport(document: JobDocument): PreparedImport {
  const { job, notes, trials, curves, recordings = {}, reports = {} } = document;
  const spec = parseJob(document.spec);
  const problems = documentProblems({ ...document, spec });
  if (problems.length) throw new InvalidInput(problems, 'the document');
  const records = trials.map((trial) => [fields.trial(trial.id), encodeRecord(trial)] as const);
  const encodedCurves = Object.entries(curves).map(([trial, curve]) => [fields.curve(trial), curve] as const);
  const encodedRecordings = Object.entries(recordings).map(
    ([trial, recording]) => [fields.recording(trial), JSON.stringify(recording)] as const,
  );
  const encodedReports = Object.entries(reports).flatMap(([trialId, byAttempt]) =>
    Object.entries(byAttempt).map(([attemptId, record]) => {
      return [fields.reports({ trialId, attemptId }), encodeRecord(record)] as const;
    }),
  );
  const writes = [...records, ...encodedCurves, ...encodedRecordings, ...encodedReports];
  if (notes !== undefined) writes.push([fields.details, encodeRecord({ schema: 2, notes })]);
  return { job, spec, writes };
}

/**
 * Stores an exported, finished job as it was, in one step. Importing it again changes nothing. Its webhooks were
 * notified by the ledger it comes from. It is kept as long as a job that finished at the time of the import.
 *
 * @throws Conflict if the id belongs to a job with another history
 */
export async function insertImport(
  ledger: Ledger,
  { job, spec, writes }: PreparedImport,
): Promise<{ id: string; created: boolean }> {
  const now = await ledger.readClock(job.id);
  const own: (readonly [string, string])[] = [[fields.imported, encodeRecord({ schema: 2, at: now })]];
  if (spec.webhooks) {
    const delivered = { best: job.best?.number ?? null, finished: job.finishedAt };
    own.push([fields.notifications, encodeRecord(createNotifications(spec.webhooks.length, delivered))]);
  }
  const created = await ledger.insertJob(job.id, { job, spec, writes: [...own, ...writes] });
  if (!created && canonicalJson((await ledger.readJob(job.id)).job) !== canonicalJson(job)) {
    throw new Conflict(`job ${job.id} exists with another history; delete it first`);
  }
  return { id: job.id, created };
}

/** As `prepareImport` and `insertImport` together. Throws InvalidInput and Conflict. */
export async function importJob(ledger: Ledger, document: JobDocument): Promise<{ id: string; created: boolean }> {
  return insertImport(ledger, prepareImport(document));
}

/** Lists where the document contradicts itself. A ledger that stored it would give wrong answers from then on. */
function documentProblems({
  spec,
  job,
  trials,
  curves,
  recordings = {},
  reports = {},
}: JobDocument & { spec: JobSpec }): Problem[] {
  const problems: Problem[] = [];
  const check = (holds: boolean, message: string, ...path: (string | number)[]): void =>
    void (holds || problems.push({ path, message }));
  check(
    !isActive(job.state),
    `the job was ${job.state} when it was exported; export it again when it has finished`,
    'job',
    'state',
  );
  check(job.open.length === 0, 'a finished job has no open trial', 'job', 'open');
  const search = trials.filter(({ role }) => role === 'search');
  const others = trials.filter(({ role }) => role !== 'search').map(({ id }) => id);
  check(
    search.length === job.nextNumber && search.every(({ id, number }, n) => number === n && id === String(n)),
    'search trials must be numbered 0, 1, 2, … up to nextNumber',
    'trials',
  );
  check(
    canonicalJson(others) === canonicalJson(job.extras),
    'must be the ids of the reference, baseline and confirm trials, in order',
    'job',
    'extras',
  );
  check(job.nextNumber - job.invalidated <= job.budget, 'more trials than the budget', 'job', 'budget');
  for (const state of trialStates)
    check(
      job.counts[state] === search.filter((trial) => trial.state === state).length,
      'is not the number of such trials',
      'job',
      'counts',
      state,
    );
  const [best] = rankTrials(search, getDirection(spec));
  if (spec.objectives) {
    check(isFrontOf(spec, search, job.pareto), 'is not the front of the complete trials', 'job', 'pareto');
    check(job.best === null, 'a job with several objectives has no best trial', 'job', 'best');
  } else check(job.pareto === undefined, 'the job has one objective', 'job', 'pareto');
  check(
    spec.objectives !== undefined ||
      ((job.best?.value ?? null) === (best?.result?.value ?? null) &&
        (!job.best || search[job.best.number]?.result?.value === job.best.value)),
    'is not the best of the complete trials',
    'job',
    'best',
  );
  check(
    (job.infeasible ?? 0) === search.filter(({ state, feasible }) => state === 'complete' && feasible === false).length,
    'is not the number of complete trials that violate the constraints',
    'job',
    'infeasible',
  );
  const containsPoint = createPointCheck(spec);
  trials.forEach((trial, i) => {
    check(isKnownBaseline(trial, spec), 'is not a baseline of the job', 'trials', i, 'baseline');
    check(isJudged(spec, trial), 'does not follow from the constraints and the metrics', 'trials', i, 'feasible');
    check(containsPoint(trial), 'is not a point of the space', 'trials', i, 'point');
    check(
      isSettled(trial.state) && trial.lease === null && trial.settledAt !== null,
      'must be settled',
      'trials',
      i,
      'state',
    );
    check(
      trial.state === 'cancelled' || (trial.result !== null) === (trial.state !== 'failed'),
      'every trial but a failed or cancelled one has a result',
      'trials',
      i,
      'result',
    );
    check(isHistory(trial, job.seq), 'does not lead to the state', 'trials', i, 'history');
  });
  // The summary can be judged only against trials that are whole.
  if (!problems.length)
    for (const { field, message } of listSummaryProblems({ spec, job, trials })) check(false, message, 'job', field);
  const ids = new Set(trials.map(({ id }) => id));
  for (const id of Object.keys(curves)) check(ids.has(id), 'there is no such trial', 'curves', id);
  const attempts = new Set(trials.flatMap(({ id, attempts }) => attempts.map((attempt) => `${id}/${attempt.id}`)));
  for (const [id, recording] of Object.entries(recordings)) {
    check(ids.has(id), 'there is no such trial', 'recordings', id);
    check(isWholeRecording(recording), 'does not have the weights of every snapshot', 'recordings', id);
  }
  for (const [id, byAttempt] of Object.entries(reports)) {
    for (const attempt of Object.keys(byAttempt))
      check(attempts.has(`${id}/${attempt}`), 'there is no such attempt', 'reports', id, attempt);
  }
  return problems;
}

function isWholeRecording({ shape, steps, weights }: Recording): boolean {
  return decodeCurve(weights).length === steps.length * countRecordedWeights({ shape });
}

/** Returns whether a trial names a baseline exactly if it tunes or confirms one of the job's, and has its id. */
function isKnownBaseline({ id, role, number, baseline, confirms }: TrialRecord, spec: JobSpec): boolean {
  if (baseline === undefined) return role !== 'baseline';
  if (!listBaselines(spec).includes(baseline)) return false;
  if (role === 'baseline') return number !== null && id === makeBaselineTrialId(baseline, number);
  return role === 'confirm' && confirms !== null && id === makeConfirmTrialId(baseline, confirms.seedIndex);
}

/** Returns a check whether the point of a search or baseline trial lies in the space that its search has. */
function createPointCheck(spec: JobSpec): (trial: TrialRecord) => boolean {
  const baselines = listBaselines(spec).map((name) => [name, createInputSpace(buildSearchInputs(spec, name))] as const);
  const spaces = new Map([[null, createInputSpace(buildSearchInputs(spec))] as const, ...baselines]);
  return ({ role, baseline = null, point }) =>
    (role !== 'search' && role !== 'baseline') || (spaces.get(baseline)?.contains(point) ?? false);
}

function createInputSpace({ space, constraints }: ReturnType<typeof buildSearchInputs>): Space {
  return createSpace(space, constraints);
}

/** Returns whether the history grows by sequence number, starts with `create` and ends in the trial's state. */
function isHistory({ history, state }: TrialRecord, seq: number): boolean {
  const grows = history.every(([at], i) => at <= seq && (i === 0 || at > history[i - 1]![0]));
  const [, first] = history[0]!;
  const [, last] = history.at(-1)!;
  return grows && first === 'create' && last !== 'create' && trialMoves[last].to === state;
}

/** Whether the trial is marked as feasible or not as its result says. */
function isJudged(spec: JobSpec, { role, result, feasible }: TrialRecord): boolean {
  const isComplete = role === 'search' && result?.outcome === 'complete';
  const excess = isComplete ? measureExcess(spec, result) : undefined;
  return feasible === excess?.every((each) => each <= 0);
}

/**
 * Whether this is the front of the complete trials: each has these values, no other dominates it, none is listed twice,
 * none is missing, and the worst values are theirs. If some were left out of a full front, these may be missing and may
 * dominate trials that came later, but no trial of the front dominates another.
 */
function isFrontOf(
  { objectives, ...spec }: JobSpec,
  search: readonly TrialRecord[],
  pareto: JobRecord['pareto'],
): boolean {
  const outcomes = new Map(
    search
      .filter(({ state, feasible }) => state === 'complete' && feasible !== false)
      .map(({ number, result }) => [number, readObjectives({ ...spec, objectives }, result!) ?? null] as const),
  );
  const known = [...outcomes.values()].filter((values) => values !== null);
  if (!pareto) return known.length === 0;
  const costs = known.map((values) => toCosts(objectives!, values));
  const { front, worst, omitted } = pareto;
  const listed = new Set(front.map(({ values }) => canonicalJson(values)));
  const own = front.map(({ values }) => toCosts(objectives!, values));
  const isCovered = (values: number[], i: number) =>
    listed.has(canonicalJson(values)) || own.some((each) => dominates(each, costs[i]!));
  return (
    listed.size === front.length &&
    front.every(
      ({ number, values }, f) =>
        canonicalJson(values) === canonicalJson(outcomes.get(number) ?? null) &&
        !(omitted > 0 ? own : costs).some((other) => dominates(other, own[f]!)),
    ) &&
    (omitted > 0 ? front.length > 0 : known.every(isCovered)) &&
    canonicalJson(toCosts(objectives!, worst)) ===
      canonicalJson(objectives!.map((_, m) => costs.reduce((worst, each) => Math.max(worst, each[m]!), -Infinity)))
  );
}
