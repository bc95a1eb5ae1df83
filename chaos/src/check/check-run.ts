import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLines, type Answer, type JournalEntry } from '../journal.ts';
import { checkJob } from './check-job.ts';
import { checkAnswers, checkJournal } from './check-journal.ts';
import { readDump } from './dump.ts';
import { Findings, type Violation } from './violation.ts';

export interface Verdict {
  violations: readonly Violation[];
  /** Single conditions that were looked at. */
  checks: number;
  /** Jobs by state, as the ledger has them. */
  states: Record<string, number>;
  /** Changes whose acknowledgement was lost, by what they would do. */
  lostReplies: Record<string, number>;
}

/** Reads what a run has left in its folder, the ledger first, and says what is wrong. */
export function checkRun(folder: string, { queued }: { queued: number }): Verdict {
  const findings = new Findings();
  const journal = join(folder, 'journal');
  const jobs = readDump(join(folder, 'ledger.jsonl'));
  const dumped = new Map(jobs.map((one) => [one.job.id, one]));
  const entries = readLines<JournalEntry>(journal, '.journal');
  const answers = [...readLines<Answer>(journal, '.answers'), ...executedAnswers(join(folder, 'logs'))];
  const deleted = new Set(answers.filter(({ verb }) => verb === 'delete').map(({ job }) => job));
  findings.expect(jobs.length > 0 && entries.length > 0, 'there is something to check', folder);
  findings.expect(
    dumped.size === jobs.length,
    'every job is listed once',
    folder,
    () => `${jobs.length} listed, ${dumped.size} of them different`,
  );
  for (const job of jobs) checkJob(job, findings);
  checkJournal(entries, dumped, deleted, findings);
  checkAnswers(answers, dumped, deleted, findings);
  findings.expect(queued === 0, 'no message stays in the queue', 'queue', () => `${queued} left`);
  return {
    violations: findings.violations,
    checks: findings.checks,
    states: countBy(jobs.map(({ job }) => job.state)),
    lostReplies: countBy(entries.filter(({ outcome }) => outcome === 'lost').map(verbOf)),
  };
}

/** What the workers wrote into their logs about the end of each attempt. */
function executedAnswers(folder: string): Answer[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('worker-'))
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .flatMap((line): Answer[] => {
          if (!line.includes('"attempt over"')) return [];
          try {
            const { time, job, trial, attempt, executed } = JSON.parse(line) as {
              time: number;
              job: string;
              trial: string;
              attempt: string;
              executed: string;
            };
            return [{ at: time, job, trial, attempt, verb: 'executed', answer: executed }];
          } catch {
            return [];
          }
        }),
    );
}

function verbOf({ trials, lease, state }: JournalEntry): string {
  const moves = trials.flatMap(({ moves }) => moves.map(([, move]) => move));
  if (moves.length) return moves[0]!;
  if (lease) return 'lease';
  return trials.length ? 'heartbeat' : `job ${state}`;
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(names, (name) => name)).map(([name, all]) => [name, all!.length]),
  );
}
