import { isActive, isSettled, rankTrials, type TrialMove, trialStates } from '@gradsmith/core/domain';
import { getDirection } from '@gradsmith/core/spec';
import { checkTrial } from './check-trial.ts';
import type { DumpedJob } from './dump.ts';
import type { Findings } from './violation.ts';

/** Moves after which a trial has its one result, or its failure. */
export const settling: ReadonlySet<string> = new Set<TrialMove>(['complete', 'diverge', 'prune', 'fail']);
const givingBack: ReadonlySet<string> = new Set<TrialMove>(['invalidate', 'replace']);

/** What must hold of a job in the ledger, whatever was done to its processes. */
export function checkJob(dumped: DumpedJob, findings: Findings): void {
  const { job, spec, trials, listedActive } = dumped;
  const expect = (holds: boolean, rule: string, detail?: () => unknown): void =>
    findings.expect(holds, rule, job.id, detail);
  const search = trials.filter(({ role }) => role === 'search');

  expect(
    !isActive(job.state),
    'no job is stuck',
    () =>
      `still ${job.state}, open: ${JSON.stringify(trials.filter(({ state }) => !isSettled(state)).map(({ id, state, attempts, notBefore, lease }) => ({ id, state, attempts: attempts.length, notBefore, lease })))}`,
  );
  expect(job.open.length === 0, 'no trial of an ended job is open', () => job.open);
  expect(!listedActive || isActive(job.state), 'an ended job is not listed as active');
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

/** A budget of n is settled as exactly n results; taking one back gives one number more. */
function checkBudget({ job, trials }: DumpedJob, expect: Expect): void {
  const moves = trials.flatMap(({ role, history }) => (role === 'search' ? history : []));
  const lastSettled = Math.max(-1, ...moves.filter(([, move]) => settling.has(move)).map(([seq]) => seq));
  const givenBack = moves.filter(([, move]) => givingBack.has(move));
  // After the last result nothing was issued any more: the job had ended, and stays short of what is taken back then.
  const late = givenBack.filter(([seq]) => seq > lastSettled).length;
  expect(
    givenBack.length === job.invalidated,
    'every trial taken back gives one number',
    () => `${givenBack.length} taken back, ${job.invalidated} given`,
  );
  expect(
    job.nextNumber - job.invalidated <= job.budget,
    'no more numbers than the budget',
    () => `${job.nextNumber} issued, budget ${job.budget}, given back ${job.invalidated}`,
  );
  if (job.state !== 'completed') return;
  expect(
    job.nextNumber - (job.invalidated - late) === job.budget,
    'a completed job has issued its whole budget',
    () => `${job.nextNumber} issued, budget ${job.budget}, given back ${job.invalidated}, late ${late}`,
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

/** Every change of the job has a number of its own. */
function checkSequence({ job, trials }: DumpedJob, expect: Expect): void {
  const seqs = trials.flatMap(({ history }) => history.map(([seq]) => seq));
  expect(
    new Set(seqs).size === seqs.length && seqs.every((seq) => seq >= 1 && seq <= job.seq),
    'every change has a sequence number of its own',
  );
  const issued = trials.filter(({ role }) => role === 'search').map(({ history }) => history[0]![0]);
  expect(
    issued.every((seq, i) => i === 0 || seq > issued[i - 1]!),
    'numbers are issued in order',
  );
}
