import { isActive } from '@gradsmith/core/domain';
import { isTrainingJob } from '@gradsmith/core/spec';
import type { JournalEntry } from '../journal.ts';
import { settling } from './check-job.ts';
import type { DumpedJob } from './dump.ts';
import type { Findings } from './violation.ts';

/** Trials that other jobs of the same workers may get while a job waits for its next trial. */
export const MOST_BETWEEN = 100;

/**
 * Checks that no job waits while others are served: between the moment in which it has no open trial and its next
 * trial, the others get a bounded number of trials. Counted in trials instead of seconds, because faults and the
 * machine slow down all jobs alike. Returns the largest number.
 */
export function checkFairness(
  entries: readonly JournalEntry[],
  jobs: readonly DumpedJob[],
  findings: Findings,
): number {
  const training = jobs.filter(({ spec }) => isTrainingJob(spec));
  const times = new Map([...Map.groupBy(entries, ({ job }) => job)].map(([job, all]) => [job, timeBySeq(all)]));
  const created = training.flatMap((job) => listCreations(job, times.get(job.job.id))).sort((a, b) => a.at - b.at);
  // A pause is not a wait.
  const paused = new Set(entries.filter(({ state }) => state === 'paused').map(({ job }) => job));
  let most = 0;
  for (const one of training) {
    if (paused.has(one.job.id)) continue;
    for (const [from, to] of listWaits(one, times.get(one.job.id))) {
      const others = created.filter(({ job, at }) => job !== one.job.id && at > from && at < to).length;
      most = Math.max(most, others);
      findings.expect(
        others <= MOST_BETWEEN,
        'no job waits while others are served',
        one.job.id,
        () => `others got ${others} trials while it waited for its next one`,
      );
    }
  }
  return most;
}

/** When each change of a job was written. A process that was killed may have left no entry. */
function timeBySeq(entries: readonly JournalEntry[]): Map<number, number> {
  return new Map(entries.flatMap(({ seq, monotonic }) => (seq ? [[seq[1], monotonic] as const] : [])));
}

function listCreations({ job, trials }: DumpedJob, times = new Map<number, number>()): { job: string; at: number }[] {
  return trials.flatMap(({ history }) => {
    const at = times.get(history[0]![0]);
    return at === undefined ? [] : [{ job: job.id, at }];
  });
}

/** The spans in which an active job had no open trial. */
function listWaits({ job, trials }: DumpedJob, times = new Map<number, number>()): [from: number, to: number][] {
  const moves = trials
    .flatMap(({ history }) => history)
    .filter(([, move]) => move === 'create' || settling.has(move) || move === 'cancel')
    .sort(([a], [b]) => a - b);
  const waits: [number, number][] = [];
  let open = 0;
  let since = times.get(0);
  for (const [seq, move] of moves) {
    const at = times.get(seq);
    if (move === 'create') {
      if (open === 0 && since !== undefined && at !== undefined) waits.push([since, at]);
      open += 1;
    } else {
      open -= 1;
      since = at;
    }
  }
  if (open === 0 && since !== undefined && isActive(job.state)) waits.push([since, Infinity]);
  return waits;
}
