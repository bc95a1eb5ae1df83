import type { Observation, PointDesign } from '@gradsmith/bayesopt';
import { belongsToSearch } from '../domain/baselines.ts';
import { countSettled } from '../domain/budget.ts';
import { chooseConfirmSeed } from '../domain/confirm-trials.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord, TrialSource } from '../domain/trial-record.ts';
import { SuggestionFailed, type Suggester } from '../ports/suggester.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import type { NewTrial } from '../trials/create-trial.ts';
import { listObservations } from '../trials/list-observations.ts';
import type { SeenSuggestion, WaitForSuggestions } from './ahead-suggestions.ts';
import type { TrialStep } from './next-steps.ts';
import { suggestWithFallback } from './suggest-with-fallback.ts';

/** A trial that a job needs next, and what it is built from. */
export interface TrialPlan {
  job: JobRecord;
  spec: JobSpec;
  /** Reads all trials of the job. */
  readTrials(): Promise<readonly TrialRecord[]>;
  /** A design with the points of all search trials, also the planned ones; null if the job has none. */
  design: PointDesign | null;
  step: TrialStep;
  /** Trials with smaller numbers that are being created at the same time. */
  planned: readonly NewTrial[];
  /** Suggestions for this trial and those after it that were computed before; what is used is removed. */
  ahead: SeenSuggestion[];
  /** Trials that are built in a row, this one included. */
  count: number;
  waitFor: WaitForSuggestions;
}

/**
 * Returns the planned trial; null if the optimizer finds no unseen point in the space.
 *
 * @throws SuggestionFailed if no point can be computed
 */
export async function buildTrial(suggester: Suggester, plan: TrialPlan): Promise<NewTrial | null> {
  const { job, spec, step } = plan;
  const { seed } = spec.objective;
  const { id } = step;
  if (step.kind === 'reference') {
    const source = { kind: 'fixed', seenSeq: job.seq } as const;
    return { id, role: 'reference', number: null, confirms: null, point: {}, seed, source };
  }
  if (step.kind === 'confirm') return buildConfirmTrial(plan, await plan.readTrials(), step);
  const base = { id, ...describeSearch(step), number: step.number, confirms: null, seed } as const;
  if (step.kind === 'search' && step.enqueued) {
    const { key, point } = step.enqueued;
    return { ...base, point, source: { kind: 'enqueued', seenSeq: job.seq, key } };
  }
  const { suggestion, fallback, seenSeq } = await takeSuggestion(suggester, plan, step);
  if (suggestion.kind === 'exhausted') {
    if (step.kind === 'search') return null;
    throw new SuggestionFailed(`no untried value is left for the baseline ${step.baseline}`);
  }
  const { point, source: kind, model, outlook } = suggestion;
  const { versions } = suggester;
  if (fallback !== null) return { ...base, point, source: { kind: 'fallback', seenSeq, reason: fallback, versions } };
  const source: TrialSource = model ? { kind, seenSeq, model, versions } : { kind, seenSeq, versions };
  const isCounted = step.kind === 'search' && spec.search.stop?.improvement !== undefined;
  if (outlook && isCounted) source.outlook = outlook;
  return { ...base, point, source };
}

/** The steps whose points come from the optimizer. */
type SearchStep = Extract<TrialStep, { kind: 'search' | 'baseline' }>;

function describeSearch(step: SearchStep): Pick<NewTrial, 'role' | 'baseline'> {
  return step.kind === 'search' ? { role: 'search' } : { role: 'baseline', baseline: step.baseline };
}

function buildConfirmTrial(
  { job, spec }: TrialPlan,
  trials: readonly TrialRecord[],
  { id, number, baseline, seedIndex }: Extract<TrialStep, { kind: 'confirm' }>,
): NewTrial {
  const repeated = trials.find((trial) => trial.number === number && belongsToSearch(trial, baseline));
  const trial: NewTrial = {
    id,
    role: 'confirm',
    number: null,
    confirms: { number, seedIndex },
    point: repeated?.point ?? {},
    seed: chooseConfirmSeed(trials, spec.objective.seed, seedIndex),
    source: { kind: 'fixed', seenSeq: job.seq },
  };
  return baseline === null ? trial : { ...trial, baseline };
}

/** Takes a suggestion that was computed ahead, or computes this one and as many of the next ones as are quick. */
async function takeSuggestion(
  suggester: Suggester,
  { job, spec, readTrials, design, planned, ahead, count, waitFor }: TrialPlan,
  step: SearchStep,
): Promise<Pick<SeenSuggestion, 'suggestion' | 'seenSeq'> & { fallback: string | null }> {
  const next = ahead.shift();
  if (next) return { ...next, fallback: null };
  const { number } = step;
  const seenSeq = job.seq;
  if (step.kind === 'search' && design?.isQuick) return { suggestion: design.suggest(number), seenSeq, fallback: null };
  const trials = await readTrials();
  const baseline = step.kind === 'baseline' ? step.baseline : null;
  const history = [...listObservations(spec, trials, job.seq, { baseline }), ...planned.map(toPending)];
  const input = { ...buildSearchInputs(spec, baseline), history, number };
  const searched = trials.filter((trial) => belongsToSearch(trial, baseline));
  const wish = { jobId: job.id, input, count, trials: [...searched, ...planned] };
  const { suggestions, fallback } = await waitFor(suggestWithFallback(suggester, wish));
  const [suggestion, ...others] = suggestions;
  const settled = countSettled(job);
  for (const other of others) ahead.push({ suggestion: other, seenSeq, settled });
  return { suggestion: suggestion!, seenSeq, fallback };
}

/** As `listObservations` lists the trial once it is created. */
function toPending({ number, point, source: { model } }: NewTrial): Observation {
  const observation = { number: number!, point, status: 'pending' } as const;
  return model ? { ...observation, model } : observation;
}
