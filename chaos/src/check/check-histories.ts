import type { Answer } from '../journal.ts';
import type { DumpedJob } from './dump.ts';
import { findOrder, type Call } from './find-order.ts';
import type { Findings } from './violation.ts';

/** Moves by which others than its executor end a trial or take its result back. */
const foreign: ReadonlySet<string> = new Set(['invalidate', 'replace', 'cancel']);

/** Checks that the answers about each trial of an external program are those of one trial that changes atomically. */
export function checkHistories(
  answers: readonly Answer[],
  dumped: ReadonlyMap<string, DumpedJob>,
  findings: Findings,
): void {
  const timed = answers.filter(({ start, trial }) => start !== undefined && trial !== undefined);
  for (const [where, all] of Map.groupBy(timed, ({ job, trial }) => `${job}/${trial}`)) {
    const { job, trial: id } = all[0]!;
    const trial = dumped.get(job)?.trials.find((one) => one.id === id);
    if (!trial || trial.history.some(([, move]) => foreign.has(move))) continue;
    const calls = all.map(toCall).sort((a, b) => a.start - b.start);
    findings.expect(findOrder(calls) !== null, 'the answers about a trial have an order', where, () => calls);
  }
}

function toCall({ operation, answer, attempt, value, start, end }: Answer): Call {
  return { operation, answer, attempt: attempt ?? null, value: value ?? null, start: start!, end: end ?? Infinity };
}
