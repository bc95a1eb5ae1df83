import type { Observation, Suggestion } from '@gradsmith/bayesopt';
import { deriveConfirmSeed } from '../domain/confirm-trials.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Suggester } from '../ports/suggester.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import type { NewTrial } from '../trials/create-trial.ts';
import { listObservations } from '../trials/list-observations.ts';
import type { TrialStep } from './next-steps.ts';
import { suggestWithFallback } from './suggest-with-fallback.ts';

/** A trial that a job needs next, and what it is built from. */
export interface TrialPlan {
  job: JobRecord;
  spec: JobSpec;
  trials: readonly TrialRecord[];
  step: TrialStep;
  /** Trials with smaller numbers that are being created at the same time. */
  planned: readonly NewTrial[];
  /** Suggestions for this trial and those after it that were computed before; what is used is removed. */
  ahead: Suggestion[];
  /** Trials that are built in a row, this one included. */
  count: number;
}

/**
 * Returns the planned trial; null if the optimizer finds no unseen point in the space.
 *
 * @throws SuggestionFailed if no point can be computed
 */
export async function buildTrial(suggester: Suggester, plan: TrialPlan): Promise<NewTrial | null> {
  const { job, spec, trials, step } = plan;
  const { seed } = spec.objective;
  const seenSeq = job.seq;
  const { id } = step;
  if (step.kind === 'reference') {
    const source = { kind: 'fixed', seenSeq } as const;
    return { id, role: 'reference', number: null, confirms: null, point: {}, seed, source };
  }
  if (step.kind === 'confirm') {
    const { number, seedIndex } = step;
    const point = trials.find((trial) => trial.role === 'search' && trial.number === number)?.point ?? {};
    const source = { kind: 'fixed', seenSeq } as const;
    const fresh = deriveConfirmSeed(seed, seedIndex);
    return { id, role: 'confirm', number: null, confirms: { number, seedIndex }, point, seed: fresh, source };
  }
  const base = { id, role: 'search', number: step.number, confirms: null, seed } as const;
  if (step.enqueued) {
    const { key, point } = step.enqueued;
    return { ...base, point, source: { kind: 'enqueued', seenSeq, key } };
  }
  const { suggestion, fallback } = await takeSuggestion(suggester, plan, step.number);
  if (suggestion.kind === 'exhausted') return null;
  const { point, source: kind, model } = suggestion;
  const { versions } = suggester;
  if (fallback !== null) return { ...base, point, source: { kind: 'fallback', seenSeq, reason: fallback, versions } };
  return { ...base, point, source: model ? { kind, seenSeq, model, versions } : { kind, seenSeq, versions } };
}

/** Takes a suggestion that was computed ahead, or computes this one and as many of the next ones as are quick. */
async function takeSuggestion(
  suggester: Suggester,
  { job, spec, trials, planned, ahead, count }: TrialPlan,
  number: number,
): Promise<{ suggestion: Suggestion; fallback: string | null }> {
  const next = ahead.shift();
  if (next) return { suggestion: next, fallback: null };
  const history = [...listObservations(spec, trials, job.seq), ...planned.map(toPending)];
  const input = { ...buildSearchInputs(spec), history, number };
  const wish = { jobId: job.id, input, count, trials: [...trials, ...planned] };
  const { suggestions, fallback } = await suggestWithFallback(suggester, wish);
  const [suggestion, ...others] = suggestions;
  ahead.push(...others);
  return { suggestion: suggestion!, fallback };
}

/** As `listObservations` lists the trial once it is created. */
function toPending({ number, point, source: { model } }: NewTrial): Observation {
  const observation = { number: number!, point, status: 'pending' } as const;
  return model ? { ...observation, model } : observation;
}
