import { createSpace, type Space } from '@gradsmith/bayesopt';
import { makeBaselineTrialId } from '../domain/baselines.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { makeConfirmTrialId } from '../domain/confirm-trials.ts';
import type { Problem } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { isFrontOf } from '../domain/pareto-record.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import { countRecordedWeights, type Recording } from '../domain/recording.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { decodeCurve } from '../domain/trial-result.ts';
import { isSettled, trialMoves, trialStates } from '../domain/trial-states.ts';
import { listBaselines } from '../spec/baselines.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { measureExcess } from '../spec/measured-constraints.ts';
import { readObjectives, toCosts } from '../spec/objectives.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import type { JobDocument } from './job-document.ts';
import { listSummaryProblems } from './list-summary-problems.ts';

/** A document with its current specification. */
type ReadDocument = JobDocument & { spec: JobSpec };

/** Lists where the document contradicts itself. A ledger that stored it would give wrong answers from then on. */
export function listDocumentProblems(document: ReadDocument): Problem[] {
  const problems = [...listCountProblems(document), ...listBestProblems(document), ...listTrialProblems(document)];
  // The summary can be judged only against trials that are whole.
  const inSummary = problems.length ? [] : listSummaryProblems(document);
  return [
    ...problems,
    ...inSummary.map(({ field, message }) => ({ path: ['job', field], message })),
    ...listAttachmentProblems(document),
  ];
}

/** Returns a problem if a claim about the document does not hold. */
function checkClaim(holds: boolean, message: string, ...path: (string | number)[]): Problem[] {
  return holds ? [] : [{ path, message }];
}

function listSearchTrials({ trials }: JobDocument): TrialRecord[] {
  return trials.filter(({ role }) => role === 'search');
}

/** Lists what is wrong with the state of the job, the ids of its trials and their counts. */
function listCountProblems(document: ReadDocument): Problem[] {
  const { job, trials } = document;
  const search = listSearchTrials(document);
  const others = trials.filter(({ role }) => role !== 'search').map(({ id }) => id);
  return [
    ...checkClaim(
      !isActive(job.state),
      `the job was ${job.state} when it was exported; export it again when it has finished`,
      'job',
      'state',
    ),
    ...checkClaim(job.open.length === 0, 'a finished job has no open trial', 'job', 'open'),
    ...checkClaim(
      search.length === job.nextNumber && search.every(({ id, number }, n) => number === n && id === String(n)),
      'search trials must be numbered 0, 1, 2, … up to nextNumber',
      'trials',
    ),
    ...checkClaim(
      canonicalJson(others) === canonicalJson(job.extras),
      'must be the ids of the reference, baseline and confirm trials, in order',
      'job',
      'extras',
    ),
    ...checkClaim(job.nextNumber - job.invalidated <= job.budget, 'more trials than the budget', 'job', 'budget'),
    ...trialStates.flatMap((state) => {
      const isCount = job.counts[state] === search.filter((trial) => trial.state === state).length;
      return checkClaim(isCount, 'is not the number of such trials', 'job', 'counts', state);
    }),
  ];
}

/** Lists what is wrong with the best trial, the Pareto front and the number of infeasible trials. */
function listBestProblems(document: ReadDocument): Problem[] {
  const { spec, job } = document;
  const search = listSearchTrials(document);
  const infeasible = search.filter(({ state, feasible }) => state === 'complete' && feasible === false);
  return [
    ...(spec.objectives
      ? [
          ...checkClaim(isFront(spec, search, job.pareto), 'is not the front of the complete trials', 'job', 'pareto'),
          ...checkClaim(job.best === null, 'a job with several objectives has no best trial', 'job', 'best'),
        ]
      : [
          ...checkClaim(job.pareto === undefined, 'the job has one objective', 'job', 'pareto'),
          ...checkClaim(isBest(spec, search, job.best), 'is not the best of the complete trials', 'job', 'best'),
        ]),
    ...checkClaim(
      (job.infeasible ?? 0) === infeasible.length,
      'is not the number of complete trials that violate the constraints',
      'job',
      'infeasible',
    ),
  ];
}

function listFeasible(search: readonly TrialRecord[]): TrialRecord[] {
  return search.filter(({ state, feasible }) => state === 'complete' && feasible !== false);
}

/** Returns whether the record of the best trial has the best value of the complete trials. */
function isBest(spec: JobSpec, search: readonly TrialRecord[], recorded: JobRecord['best']): boolean {
  const [best] = rankTrials(search, getDirection(spec));
  return (
    (recorded?.value ?? null) === (best?.result?.value ?? null) &&
    (!recorded || search[recorded.number]?.result?.value === recorded.value)
  );
}

function isFront(spec: JobSpec, search: readonly TrialRecord[], pareto: JobRecord['pareto']): boolean {
  const entries = listFeasible(search).flatMap(({ number, result }) => {
    const values = readObjectives(spec, result!);
    return values ? [[number, values] as const] : [];
  });
  return isFrontOf(pareto, new Map(entries), (values) => toCosts(spec.objectives!, values));
}

function listTrialProblems({ spec, job, trials }: ReadDocument): Problem[] {
  const containsPoint = createPointCheck(spec);
  return trials.flatMap((trial, i) => {
    const check = (holds: boolean, message: string, field: string) => checkClaim(holds, message, 'trials', i, field);
    return [
      ...check(isKnownBaseline(trial, spec), 'is not a baseline of the job', 'baseline'),
      ...check(isJudged(spec, trial), 'does not follow from the constraints and the metrics', 'feasible'),
      ...check(containsPoint(trial), 'is not a point of the space', 'point'),
      ...check(isSettled(trial.state) && trial.lease === null && trial.settledAt !== null, 'must be settled', 'state'),
      ...check(
        trial.state === 'cancelled' || (trial.result !== null) === (trial.state !== 'failed'),
        'every trial but a failed or cancelled one has a result',
        'result',
      ),
      ...check(isHistory(trial, job.seq), 'does not lead to the state', 'history'),
    ];
  });
}

/** Lists curves, recordings and reports that do not belong to a trial of the document, or are not whole. */
function listAttachmentProblems({ trials, curves, recordings = {}, reports = {} }: ReadDocument): Problem[] {
  const ids = new Set(trials.map(({ id }) => id));
  const attempts = new Set(trials.flatMap(({ id, attempts }) => attempts.map((attempt) => `${id}/${attempt.id}`)));
  return [
    ...Object.keys(curves).flatMap((id) => checkClaim(ids.has(id), 'there is no such trial', 'curves', id)),
    ...Object.entries(recordings).flatMap(([id, recording]) => [
      ...checkClaim(ids.has(id), 'there is no such trial', 'recordings', id),
      ...checkClaim(isWholeRecording(recording), 'does not have the weights of every snapshot', 'recordings', id),
    ]),
    ...Object.entries(reports).flatMap(([id, byAttempt]) =>
      Object.keys(byAttempt).flatMap((attempt) =>
        checkClaim(attempts.has(`${id}/${attempt}`), 'there is no such attempt', 'reports', id, attempt),
      ),
    ),
  ];
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

/** Returns whether the trial is marked as feasible or not as its result says. */
function isJudged(spec: JobSpec, { role, result, feasible }: TrialRecord): boolean {
  const isComplete = role === 'search' && result?.outcome === 'complete';
  const excess = isComplete ? measureExcess(spec, result) : undefined;
  return feasible === excess?.every((each) => each <= 0);
}
