import { isActive, isSettled, rankTrials, type TrialMove, type TrialRecord, trialStates } from '@gradsmith/core/domain';
import { getDirection } from '@gradsmith/core/spec';
import { checkTrial } from './check-trial.ts';
import type { DumpedJob } from './dump.ts';
import type { Findings } from './violation.ts';

/** Moves after which a trial has its one result, or its failure. */
export const settling: ReadonlySet<string> = new Set<TrialMove>(['complete', 'diverge', 'prune', 'fail']);
const returning: ReadonlySet<string> = new Set<TrialMove>(['invalidate', 'replace']);

/** Checks what must hold of a job in the ledger after any faults. */
export function checkJob(dumped: DumpedJob, findings: Findings): void {
  const { job, spec, trials, listedActive } = dumped;
  const expect = (holds: boolean, rule: string, detail?: () => unknown): void =>
    findings.expect(holds, rule, job.id, detail);
  const search = trials.filter(({ role }) => role === 'search');

  expect(
    !isActive(job.state),
    'no job is stuck',
    () => `still ${job.state}, open: ${JSON.stringify(trials.filter(isOpen).map(summarizeTrial))}`,
  );
  expect(job.open.length === 0, 'no trial of a finished job is open', () => job.open);
  expect(!listedActive || isActive(job.state), 'a finished job is not listed as active');
  expect(
    search.length === job.nextNumber && search.every(({ number, id }, n) => number === n && id === String(n)),
    'numbers are 0, 1, 2, …, each once',
    () => search.map(({ number }) => number),
  );
  for (const state of trialStates) {
    const actual = search.filter((trial) => trial.state === state).length;
    expect(
      job.counts[state] === actual,
      'counts are exact',
      () => `${state}: counted ${job.counts[state]}, there are ${actual}`,
    );
  }
  checkBudget(dumped, expect);
  checkBest(dumped, expect);
  checkSequence(dumped, expect);
  for (const trial of trials) checkTrial(job, spec, trial, findings);
}

type Expect = (holds: boolean, rule: string, detail?: () => unknown) => void;

/** A budget of n is settled as exactly n results. Each invalidated trial adds one number. */
function checkBudget({ job, trials }: DumpedJob, expect: Expect): void {
  const moves = trials.flatMap(({ role, history }) => (role === 'search' ? history : []));
  const lastSettled = Math.max(-1, ...moves.filter(([, move]) => settling.has(move)).map(([seq]) => seq));
  const returned = moves.filter(([, move]) => returning.has(move));
  // After the last result the job is finished, so a trial that is invalidated then is not replaced.
  const late = returned.filter(([seq]) => seq > lastSettled).length;
  expect(
    returned.length === job.invalidated,
    'every invalidated trial adds one number',
    () => `${returned.length} invalidated trials, ${job.invalidated} recorded`,
  );
  expect(
    job.nextNumber - job.invalidated <= job.budget,
    'no more numbers than the budget',
    () => `${job.nextNumber} created, budget ${job.budget}, invalidated ${job.invalidated}`,
  );
  if (job.state !== 'completed') return;
  expect(
    job.nextNumber - (job.invalidated - late) === job.budget,
    'a completed job has created its whole budget',
    () => `${job.nextNumber} created, budget ${job.budget}, invalidated ${job.invalidated}, late ${late}`,
  );
  const { complete, pruned, diverged, failed, cancelled } = job.counts;
  expect(
    complete + pruned + diverged + failed === job.nextNumber - job.invalidated && cancelled === job.invalidated,
    'a budget of n is settled as exactly n results',
    () => job.counts,
  );
}

function checkBest({ job, spec, trials }: DumpedJob, expect: Expect): void {
  const ranked = rankTrials(trials, getDirection(spec));
  expect(
    (job.best?.value ?? null) === (ranked[0]?.result!.value ?? null),
    'best is the best',
    () => `best ${job.best?.value}, ranked ${ranked[0]?.result!.value}`,
  );
  const leaders = ranked.slice(0, job.leaders.length).map(({ result }) => result!.value);
  expect(
    JSON.stringify(leaders) === JSON.stringify(job.leaders),
    'each result is counted once among the leaders',
    () => ({ leaders: job.leaders, ranked: leaders }),
  );
  const reference = trials.find(({ role }) => role === 'reference');
  const value = reference?.state === 'complete' ? reference.result!.value : null;
  expect(job.reference === value, 'the reference is the reference trial’s');
}

/** Every change of the job has its own number. */
function checkSequence({ job, trials }: DumpedJob, expect: Expect): void {
  const seqs = trials.flatMap(({ history }) => history.map(([seq]) => seq));
  expect(
    new Set(seqs).size === seqs.length && seqs.every((seq) => seq >= 1 && seq <= job.seq),
    'every change has a different sequence number',
  );
  const created = trials.filter(({ role }) => role === 'search').map(({ history }) => history[0]![0]);
  expect(
    created.every((seq, i) => i === 0 || seq > created[i - 1]!),
    'numbers are created in order',
  );
}

function isOpen({ state }: TrialRecord): boolean {
  return !isSettled(state);
}

function summarizeTrial({ id, state, attempts, notBefore, lease }: TrialRecord): object {
  return { id, state, attempts: attempts.length, notBefore, lease };
}
