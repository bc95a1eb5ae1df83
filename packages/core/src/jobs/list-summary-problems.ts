import { canonicalJson } from '../domain/canonical-json.ts';
import { REFERENCE_ID } from '../domain/confirm-trials.ts';
import { isBetter } from '../domain/direction.ts';
import { computePairedGain } from '../domain/gain.ts';
import type { Improvement } from '../domain/job-record.ts';
import { MAX_RECENT } from '../domain/pace.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { findViolation } from '../spec/measured-constraints.ts';
import type { JobDocument } from './job-document.ts';

/** Difference that another version of the arithmetic may make, relative. */
const TOLERANCE = 1e-6;

type Summarized = Pick<JobDocument, 'job' | 'trials'> & { spec: JobSpec };

/**
 * Lists the fields of a job that repeat what its trials say, and disagree with them. A field that is absent is not
 * missed: earlier programs did not keep it. For the same reason, lists may begin late.
 */
export function listSummaryProblems(document: Summarized): { field: string; message: string }[] {
  const settled = listSettled(document);
  return [
    { field: 'invalidated', holds: hasInvalidated(document), message: 'is not the number of trials taken back' },
    { field: 'reference', holds: isReference(document), message: 'is not the value of the reference trial' },
    {
      field: 'leaders',
      holds: hasLeaders(document),
      message: 'is not a list of values of complete trials, the best first',
    },
    { field: 'improvements', holds: hasImprovements(document, settled), message: 'is not how the best value improved' },
    {
      field: 'settledTimes',
      holds: areSettledTimes(document, document.job.settledTimes, settled),
      message: 'is not when the trials settled',
    },
    {
      field: 'extraTimes',
      holds: areSettledTimes(document, document.job.extraTimes, listSettledExtras(document)),
      message: 'is not when the trials settled',
    },
    { field: 'closest', holds: isClosest(document), message: 'is not the trial that violates the constraints least' },
    { field: 'confirmedGain', holds: isConfirmedGain(document), message: 'is not the gain over the confirm trials' },
  ].flatMap(({ holds, ...problem }) => (holds ? [] : [problem]));
}

/** Returns the settled search trials that count for the budget, in the order in which they settled. */
function listSettled({ trials }: Summarized): TrialRecord[] {
  return trials
    .filter(({ role, state }) => role === 'search' && state !== 'cancelled')
    .sort((a, b) => a.history.at(-1)![0] - b.history.at(-1)![0]);
}

/** Returns the settled trials of other roles. */
function listSettledExtras({ trials }: Summarized): TrialRecord[] {
  return trials
    .filter(({ role, state, settledAt }) => role !== 'search' && state !== 'cancelled' && settledAt !== null)
    .sort((a, b) => a.history.at(-1)![0] - b.history.at(-1)![0]);
}

/** The budget gets back one trial for each. */
function hasInvalidated({ job, trials }: Summarized): boolean {
  const moves = trials.filter(({ role }) => role === 'search').map(({ history }) => history.at(-1)![1]);
  return job.invalidated === moves.filter((move) => move === 'invalidate' || move === 'replace').length;
}

function isReference({ job, trials }: Summarized): boolean {
  const reference = trials.find(({ id, state }) => id === REFERENCE_ID && state === 'complete');
  return job.reference === null || job.reference === reference?.result?.value;
}

/** Each must be the value of another trial, the best first; a list that began late lacks some. */
function hasLeaders({ spec, job, trials }: Summarized): boolean {
  const { leaders } = job;
  if (spec.objectives) return leaders.length === 0;
  const values = trials
    .filter(({ role, state, feasible }) => role === 'search' && state === 'complete' && feasible !== false)
    .map(({ result }) => result!.value)
    .sort((a, b) => (isBetter(a, b, getDirection(spec)) ? -1 : 1));
  let place = -1;
  return leaders.every((value) => (place = values.indexOf(value, place + 1)) >= 0);
}

/**
 * Each must be an improvement, in order; some are left out of a long list, but never the last. Its place may count
 * trials that had settled before it and were taken back since then.
 */
function hasImprovements({ spec, job }: Summarized, settled: readonly TrialRecord[]): boolean {
  const { improvements } = job;
  if (!improvements?.length) return true;
  if (spec.objectives) return false;
  const all: Improvement[] = [];
  for (const [i, { state, feasible, result }] of settled.entries()) {
    if (state !== 'complete' || feasible === false || !result) continue;
    const best = all.at(-1);
    if (!best || isBetter(result.value, best[1], getDirection(spec))) all.push([i + 1, result.value]);
  }
  const places = improvements.map(([count, value]) =>
    all.findIndex(([own, found]) => found === value && count >= own && count <= own + job.invalidated),
  );
  const isInOrder = improvements.every(
    ([count], i) => places[i]! > (places[i - 1] ?? -1) && count >= (improvements[i - 1]?.[0] ?? 1),
  );
  return isInOrder && places.at(-1) === all.length - 1;
}

/** The times of trials that were invalidated since then are known to nobody. */
function areSettledTimes({ job }: Summarized, times: readonly number[] = [], settled: readonly TrialRecord[]): boolean {
  const known = settled.slice(-MAX_RECENT).map(({ settledAt }) => settledAt);
  let unknown = 0;
  for (const time of times) {
    const place = known.indexOf(time);
    if (place < 0) unknown += 1;
    else known.splice(place, 1);
  }
  return times.length <= MAX_RECENT && unknown <= job.invalidated;
}

function isClosest({ spec, job, trials }: Summarized): boolean {
  const { closest } = job;
  if (!closest) return true;
  const violations = trials
    .filter(({ role, state, feasible }) => role === 'search' && state === 'complete' && feasible === false)
    .map(({ number, result }) => ({ number, found: findViolation(spec, result!) }));
  const own = violations.find(({ number }) => number === closest.number)?.found;
  return (
    canonicalJson({ number: closest.number, ...own }) === canonicalJson(closest) &&
    violations.every(({ found }) => !found || found.violation >= closest.violation)
  );
}

function isConfirmedGain({ spec, job, trials }: Summarized): boolean {
  const { confirmedGain } = job;
  if (!confirmedGain) return true;
  const query = { direction: getDirection(spec), seeds: spec.confirm.seeds };
  const { gains, mean, interval } = computePairedGain(trials, query, confirmedGain.trial, null);
  const own = [confirmedGain.mean, ...(confirmedGain.interval ?? [])];
  const expected = [mean, ...(interval ?? [])];
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * Math.max(1e-12, Math.abs(b));
  return (
    gains.length > 0 &&
    confirmedGain.seeds === gains.length &&
    own.length === expected.length &&
    own.every((value, i) => isNear(value, expected[i]!))
  );
}
