import type { Answer, JournalEntry } from '../journal.ts';
import type { DumpedJob } from './dump.ts';
import type { Findings } from './violation.ts';

/** Compares the journals of the processes with the ledger: nothing acknowledged is missing or undone. */
export function checkJournal(
  entries: readonly JournalEntry[],
  dumped: ReadonlyMap<string, DumpedJob>,
  deleted: ReadonlySet<string>,
  findings: Findings,
): void {
  const byJob = Map.groupBy(entries, ({ job }) => job);
  for (const [id, all] of byJob) {
    checkFences(id, all, findings);
    checkOverlaps(id, all, findings);
    const found = dumped.get(id);
    if (found) for (const entry of all) checkKept(entry, found, findings);
    else
      findings.expect(
        deleted.has(id) || all.every(({ outcome }) => outcome === 'lost'),
        'no acknowledged job is lost',
        id,
      );
    for (const entry of all) checkExecutor(entry, findings);
  }
}

/** Every acknowledged move stays in the trial's history, at its place. */
function checkKept({ outcome, by, trials }: JournalEntry, { job, trials: kept }: DumpedJob, findings: Findings): void {
  if (outcome === 'lost') return;
  for (const { id, moves } of trials) {
    const history = new Set(kept.find((trial) => trial.id === id)?.history.map((move) => String(move)));
    for (const move of moves)
      findings.expect(
        history.has(String(move)),
        'no acknowledged change is lost',
        `${job.id}/${id}`,
        () => `${by}: ${String(move)}`,
      );
  }
}

/** Two acknowledged changes never start from the same state of the job. */
function checkOverlaps(id: string, entries: readonly JournalEntry[], findings: Findings): void {
  const changes = entries.filter(({ seq, outcome }) => seq !== null && outcome === 'acknowledged' && seq[0] !== seq[1]);
  const ordered = changes
    .map(({ seq, by }) => ({ from: seq![0] ?? -1, to: seq![1], by }))
    .sort((a, b) => a.from - b.from);
  ordered.forEach((change, i) => {
    const before = ordered[i - 1];
    if (before)
      findings.expect(change.from >= before.to, 'no change overwrites another', id, () => ({ before, change }));
  });
}

/** A coordinator writes only under its own lease, and no fence has two owners. */
function checkFences(id: string, entries: readonly JournalEntry[], findings: Findings): void {
  const owners = new Map<number, string>();
  for (const { by, pid, under, lease, outcome } of entries) {
    if (lease) {
      const owner = owners.get(lease.fence) ?? lease.owner;
      if (outcome === 'acknowledged') {
        findings.expect(
          owner === lease.owner,
          'no fence has two owners',
          id,
          () => `fence ${lease.fence}: ${owner} and ${lease.owner}`,
        );
        owners.set(lease.fence, lease.owner);
      }
    } else if (under) {
      findings.expect(
        under.owner.includes(`-${pid}-`),
        'a coordinator writes only under its own fence',
        id,
        () => `${by} (process ${pid}) wrote under fence ${under.fence} of ${under.owner}`,
      );
    }
  }
}

/** A worker completes, fails and releases only its own attempts. A failure that ends the job cancels all others. */
function checkExecutor({ by, job, state, trials }: JournalEntry, findings: Findings): void {
  if (!by.startsWith('worker-')) return;
  for (const { id, moves, attempt } of trials) {
    const isCancelled = state === 'failed' && moves.every(([, move]) => move === 'cancel');
    if (moves.length && !isCancelled)
      findings.expect(
        attempt?.worker === by,
        'a worker changes only its own attempts',
        `${job}/${id}`,
        () => `${by} moved an attempt of ${attempt?.worker}: ${JSON.stringify(moves)}`,
      );
  }
}

/** Compares the answers to clients and executors with the ledger. */
export function checkAnswers(
  answers: readonly Answer[],
  dumped: ReadonlyMap<string, DumpedJob>,
  deleted: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const answer of answers) {
    const { job, operation, trial: trialId, attempt, value } = answer;
    const found = dumped.get(job);
    if (operation === 'create') findings.expect(Boolean(found) || deleted.has(job), 'no acknowledged job is lost', job);
    const trial = found?.trials.find(({ id }) => id === trialId);
    if (!found || trialId === undefined) continue;
    const where = `${job}/${trialId}`;
    const mine = trial?.attempts.find(({ id }) => id === attempt);
    const counts =
      mine?.outcome === 'reported' &&
      trial?.attempts.at(-1) === mine &&
      (value === undefined || trial.result?.value === value);
    const say = () => ({ answer, attempts: trial?.attempts, result: trial?.result });
    switch (`${operation} ${answer.answer}`) {
      case 'ask trial':
        findings.expect(mine !== undefined, 'an asked trial is recorded', where, say);
        break;
      case 'tell reported':
      case 'tell already':
      case 'executed reported':
        findings.expect(counts, 'no reported result is lost', where, say);
        break;
      case 'tell stale':
      case 'executed stale':
        findings.expect(!counts, 'a result that counts is not called stale', where, say);
        break;
      case 'tell conflict':
        findings.expect(
          mine?.outcome === 'reported' && trial?.result?.value !== value,
          'only a result that differs is a conflict',
          where,
          say,
        );
        break;
      case 'release released':
        findings.expect(mine?.outcome === 'released', 'a released trial is recorded as released', where, say);
        break;
      case 'fail failed':
      case 'fail retry':
        findings.expect(mine?.outcome === 'failed', 'a failed attempt is recorded as failed', where, say);
    }
  }
}
