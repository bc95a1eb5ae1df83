import {
  addEnqueuedPoint,
  findEnqueuedPoint,
  findSameEnqueuedPoint,
  type EnqueueResult,
} from '../domain/enqueued-points.ts';
import { Conflict, NotFound } from '../domain/errors.ts';
import { isActive } from '../domain/job-states.ts';
import { encodeServiceKey } from '../domain/scoped-key.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Tries a failed trial's point again: the trial is invalidated, the budget grows by one, and the point is enqueued
 * first under the key `retry-<trial>`. A completed or exhausted job runs again, and a search that a rule stopped goes
 * on. A repeated call finds the first one.
 */
export async function retryTrial(ledger: Ledger, jobId: string, trialId: string): Promise<EnqueueResult> {
  return ledger.transact(jobId, { trials: [trialId], enqueued: true }, (draft) => {
    const trial = draft.trials.get(trialId);
    if (!trial || trial.role !== 'search') throw new NotFound(`search trial ${trialId} of job ${jobId}`);
    const key = `retry-${trialId}`;
    const stored = encodeServiceKey(key);
    // Versions before 2026-12-01 stored the key as one of a client. A client may have used it for another point.
    const known =
      findEnqueuedPoint(draft.enqueued, stored, trial.point) ??
      (trial.history.at(-1)![1] === 'replace' ? findSameEnqueuedPoint(draft.enqueued, key, trial.point) : null);
    if (known) return { ...known, key };
    const { state } = draft.job;
    if (!isActive(state) && state !== 'completed' && state !== 'exhausted')
      throw new Conflict(`job ${jobId} is ${state}; clone it, or run a new job with its results in search.known`);
    if (!draft.moveTrial(trial, 'replace', { reason: 'replaced by another try at its point' }))
      throw new Conflict(`trial ${trialId} is ${trial.state}; only a failed trial can be retried`);
    draft.job.invalidated += 1;
    addEnqueuedPoint(draft.enqueued, { key: stored, point: trial.point }, 'first');
    draft.markChanged('enqueued');
    draft.resumeSearch();
    draft.moveJob('extend');
    return { key, added: true, trial: null, ahead: 0 };
  });
}
