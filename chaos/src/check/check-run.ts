import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLines, type Answer, type JournalEntry } from '../journal.ts';
import { checkCopies, checkStreams, checkWebhooks, readArchive } from './check-copies.ts';
import { checkFairness } from './check-fairness.ts';
import { checkHistories } from './check-histories.ts';
import { checkEdits, checkIndex } from './check-index.ts';
import { checkJob } from './check-job.ts';
import { checkAnswers, checkJournal } from './check-journal.ts';
import { readDump, type DumpedJob } from './dump.ts';
import { Findings, type Violation } from './violation.ts';

export interface Verdict {
  violations: readonly Violation[];
  /** Number of conditions that were checked. */
  checks: number;
  /** Jobs by state, as the ledger has them. */
  states: Record<string, number>;
  /** Changes whose acknowledgement was lost, by the move that they make. */
  lostReplies: Record<string, number>;
  /** Answers and messages to the programs of the run, by what they were for. */
  received: Record<string, number>;
  /** Results of trainings that continued from a checkpoint. */
  continued: number;
  /** Trainers whose disk refused a checkpoint. */
  refusedCheckpoints: number;
  /** Most trials that other jobs got while one waited for its next. */
  mostBetween: number;
}

/** What a worker logs about a checkpoint that cannot be written or read. */
const REFUSED = 'trainings cannot be saved in';

/** Checks the ledger, the journals and the logs that a run has left in its folder. */
export function checkRun(folder: string, { queued }: { queued: number }): Verdict {
  const findings = new Findings();
  const journal = join(folder, 'journal');
  const listed = readDump(join(folder, 'ledger.jsonl'));
  const present = new Set(listed.map(({ job }) => job.id));
  // A job can be in both: the archive gets it first.
  const jobs = [...listed, ...readArchive(folder, findings).filter(({ job }) => !present.has(job.id))];
  const dumped = new Map(jobs.map((one) => [one.job.id, one]));
  const entries = readLines<JournalEntry>(journal, '.journal');
  const answers = [...readLines<Answer>(journal, '.answers'), ...readExecutedAnswers(join(folder, 'logs'))];
  const deleted = new Set(answers.filter(({ operation }) => operation === 'delete').map(({ job }) => job));
  findings.expect(jobs.length > 0 && entries.length > 0, 'there is something to check', folder);
  // Guards against checks that never apply, such as after a change of the words in answers or logs.
  for (const operation of ['tell', 'executed', 'tell-many'])
    findings.expect(
      answers.some((each) => each.operation === operation && each.answer === 'reported'),
      'external programs and workers have reported results',
      folder,
      () => `no answer to ${operation} is 'reported'`,
    );
  findings.expect(
    present.size === listed.length,
    'every job is listed once',
    folder,
    () => `${listed.length} listed, ${present.size} of them different`,
  );
  for (const job of jobs) checkJob(job, findings);
  // Archived jobs are removed from the index.
  for (const job of listed) checkIndex(job, findings);
  checkEdits(answers, dumped, findings);
  checkJournal(entries, dumped, deleted, findings);
  checkAnswers(answers, dumped, deleted, findings);
  checkHistories(answers, dumped, findings);
  checkCopies(folder, answers, dumped, findings);
  checkStreams(answers, dumped, findings);
  checkWebhooks(answers, listed, findings);
  const mostBetween = checkFairness(entries, jobs, findings);
  findings.expect(queued === 0, 'no message stays in the queue', 'queue', () => `${queued} left`);
  return {
    violations: findings.violations,
    checks: findings.checks,
    mostBetween,
    continued: countContinued(jobs),
    refusedCheckpoints: countRefusedCheckpoints(folder),
    states: countBy(jobs.map(({ job }) => job.state)),
    received: countBy(answers.map(({ operation }) => operation)),
    lostReplies: countBy(entries.filter(({ outcome }) => outcome === 'lost').map(nameMove)),
  };
}

/** Counts how often a trainer of the run in `folder` could not write or read a checkpoint. */
export function countRefusedCheckpoints(folder: string): number {
  return readWorkerLines(join(folder, 'logs')).filter((line) => line.includes(REFUSED)).length;
}

/** Reads from the workers' logs how each attempt finished. */
function readExecutedAnswers(folder: string): Answer[] {
  return readWorkerLines(folder).flatMap((line): Answer[] => {
    if (!line.includes('"attempt finished"')) return [];
    try {
      const { time, job, trial, attempt, executed } = JSON.parse(line) as {
        time: number;
        job: string;
        trial: string;
        attempt: string;
        executed: string;
      };
      return [{ at: time, job, trial, attempt, operation: 'executed', answer: executed }];
    } catch {
      return [];
    }
  });
}

function readWorkerLines(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('worker-'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
}

function countContinued(jobs: readonly DumpedJob[]): number {
  const results = jobs.flatMap(({ trials }) => trials.map(({ result }) => result));
  return results.filter((result) => Number(result?.provenance['continuedAt'] ?? 0) > 0).length;
}

function nameMove({ trials, lease, state }: JournalEntry): string {
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
