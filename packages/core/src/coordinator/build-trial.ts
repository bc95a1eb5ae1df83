import type { Observation } from '@gradsmith/bayesopt';
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
}

/**
 * Returns the planned trial; null if the optimizer finds no unseen point in the space.
 *
 * @throws SuggestionFailed if no point can be computed
 */
export async function buildTrial(suggester: Suggester, plan: TrialPlan): Promise<NewTrial | null> {
  const { job, spec, trials, step, planned } = plan;
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
  const history = [...listObservations(spec, trials, seenSeq), ...planned.map(toPending)];
  const input = { ...buildSearchInputs(spec), history, number: step.number };
  const { suggestion, fallback } = await suggestWithFallback(suggester, job.id, input, [...trials, ...planned]);
  if (suggestion.kind === 'exhausted') return null;
  const { point, source: kind, model } = suggestion;
  const { versions } = suggester;
  if (fallback !== null) return { ...base, point, source: { kind: 'fallback', seenSeq, reason: fallback, versions } };
  return { ...base, point, source: model ? { kind, seenSeq, model, versions } : { kind, seenSeq, versions } };
}

/** As `listObservations` lists the trial once it is created. */
function toPending({ number, point, source: { model } }: NewTrial): Observation {
  const observation = { number: number!, point, status: 'pending' } as const;
  return model ? { ...observation, model } : observation;
}
