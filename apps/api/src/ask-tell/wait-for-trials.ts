import type { AskedTrials, StartedTrial as StartedTrialResource } from '@gradsmith/contract';
import { Conflict, formatDuration, isActive, milliseconds } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import { askTrials, type StartedTrial } from '@gradsmith/core/trials';
import type { Watch } from '../events/watch.ts';

/** Longest wait of one ask, well within the request's timeout, ms. */
const MAX_WAIT_MS = 10_000;
/** Pauses between tries to get a trial, from the first to the longest, ms. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 400;
/** After this time a program that got no trial should ask again, ms. */
const RETRY_AFTER_MS = 1_000;
/** Heartbeats per lease: several may be lost before it expires. */
const BEATS_PER_LEASE = 4;

interface Asked {
  jobId: string;
  attempts: readonly string[];
  worker: string;
  lease: string;
  wait?: string | undefined;
  /** Whether the client has hung up: it would not learn of its trials. */
  isGone(): boolean;
}

/** Starts an attempt at a trial for each id, as many as there are. If there is none, it waits up to `wait` for one. */
export async function waitForTrials(
  { ledger, watch }: { ledger: Ledger; watch: Watch },
  { jobId, attempts, worker, lease, wait, isGone }: Asked,
): Promise<AskedTrials> {
  const until = performance.now() + Math.min(wait ? milliseconds(wait) : 0, MAX_WAIT_MS);
  const leaseMs = milliseconds(lease);
  // The coordinator creates a trial within milliseconds and sends no signal for it.
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LAST_LOOK_MS)) {
    const { started, state } = await askTrials(ledger, jobId, attempts, worker, { leaseMs });
    if (started.length) return { answer: 'trials', items: started.map((each) => describeStart(each, lease, leaseMs)) };
    if (!isActive(state)) return { answer: 'finished', state };
    const left = until - performance.now();
    if (left > 0) await watch.change(jobId, Math.min(left, pause));
    // A closed watch waits for nothing: the service stops.
    if (left <= 0 || watch.closed || isGone())
      return { answer: 'wait', state, retryAfter: `${RETRY_AFTER_MS / 1_000}s`, retryAfterMs: RETRY_AFTER_MS };
  }
}

function describeStart({ trial, attemptId }: StartedTrial, lease: string, leaseMs: number): StartedTrialResource {
  const heartbeatEveryMs = Math.floor(leaseMs / BEATS_PER_LEASE);
  return {
    trial: trial.id,
    number: trial.number!,
    point: trial.point,
    seed: trial.seed,
    attempt: attemptId,
    lease,
    leaseMs,
    heartbeatEvery: formatDuration(heartbeatEveryMs),
    heartbeatEveryMs,
  };
}

/** Throws Conflict for a job whose trials workers execute and report. */
export async function refuseUnlessExternal(ledger: Ledger, jobId: string): Promise<void> {
  const { objective } = await ledger.readPostedSpec(jobId);
  if (objective.kind !== 'external')
    throw new Conflict(`the trials of job ${jobId} are executed by workers, which report the results`);
}
