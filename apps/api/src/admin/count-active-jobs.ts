import { trialStates, type TrialState } from '@gradsmith/core/domain';
import { countWantedSlots, countWorkers, findWorkerKind, type WorkerKind } from '@gradsmith/core/jobs';
import type { Ledger } from '@gradsmith/core/ledger';
import type { LiveWorker } from '@gradsmith/core/ports';

/** Active jobs that are counted at most, so that a scrape stays fast. */
const MAX_JOBS = 2_000;

/** The jobs that have not finished, in numbers. */
export interface ActiveJobs {
  /** By state. */
  jobs: Record<string, number>;
  /** Search trials, by state. */
  trials: Record<TrialState, number>;
  /** Queued and running jobs whose trials no live worker can run. External objectives need none. */
  withoutWorkers: number;
  /** Jobs whose records cannot be read. */
  unreadable: number;
  /** Slots that the jobs use if there are enough workers, one entry for each kind of worker. */
  wantedSlots: { kind: WorkerKind; slots: number }[];
}

/** Counts the active jobs of the ledger, the first 2,000 of them. */
export async function countActiveJobs(ledger: Ledger, workers: readonly LiveWorker[]): Promise<ActiveJobs> {
  const jobs: Record<string, number> = { queued: 0, running: 0, paused: 0 };
  const trials = Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<TrialState, number>;
  const wanted = new Map<string, { kind: WorkerKind; slots: number }>();
  let [seen, withoutWorkers, unreadable] = [0, 0, 0];
  for await (const { view } of ledger.readJobs({ active: true })) {
    if (++seen > MAX_JOBS) break;
    if (!view) {
      unreadable += 1;
      continue;
    }
    const { job, spec } = view;
    jobs[job.state] = (jobs[job.state] ?? 0) + 1;
    for (const state of trialStates) trials[state] += job.counts[state];
    const needsWorkers = job.state !== 'paused' && spec.objective.kind !== 'external';
    if (needsWorkers && countWorkers(job, spec, workers) === 0) withoutWorkers += 1;
    const kind = findWorkerKind(job, spec, workers);
    if (!kind) continue;
    const key = `${kind.backend} ${kind.device} ${kind.labels}`;
    wanted.set(key, { kind, slots: (wanted.get(key)?.slots ?? 0) + countWantedSlots(job, spec) });
  }
  return { jobs, trials, withoutWorkers, unreadable, wantedSlots: [...wanted.values()] };
}
