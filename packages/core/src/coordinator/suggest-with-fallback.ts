import { algorithms, type Suggestion, type SuggestInput } from '@gradsmith/bayesopt';
import { SuggestionFailed, type Suggester } from '../ports/suggester.ts';
import { replaceModel } from '../spec/search-inputs.ts';
import type { NewTrial } from '../trials/create-trial.ts';

/** A trial, created or about to be. */
type SuggestedTrial = Pick<NewTrial, 'number' | 'source'>;

/** Suggestions, and why they are random points in place of those of the model; null if they are not. */
export interface Suggestions {
  suggestions: readonly Suggestion[];
  fallback: string | null;
}

export interface SuggestionWish {
  jobId: string;
  input: SuggestInput;
  /** Suggestions wanted, at most. */
  count: number;
  /** Trials of the job, also those that are being created. */
  trials: readonly SuggestedTrial[];
}

/** Fallbacks in a row after which the model is tried only now and then. */
const TRIES = 3;
/** Trials from one try of the model to the next after that. */
const TRY_EVERY = 20;

/**
 * Returns the optimizer's suggestions, or a random point with the reason if the model could not compute one. The
 * model's computation usually grows with the trials, so after three failures in a row it is tried for every 20th trial
 * only: otherwise each trial of the job would wait for the time limit.
 *
 * @throws SuggestionFailed if the random point cannot be computed either, or the job's algorithm has no model
 */
export async function suggestWithFallback(
  suggester: Suggester,
  { jobId, input, count, trials }: SuggestionWish,
): Promise<Suggestions> {
  const reasons = listLastFallbacks(trials);
  const skips = reasons.length >= TRIES && reasons.length % TRY_EVERY !== 0;
  if (!skips) {
    try {
      return { suggestions: await suggester.suggest(jobId, input, count), fallback: null };
    } catch (error) {
      const { hasModel } = algorithms[input.settings.algorithm];
      if (!(error instanceof SuggestionFailed) || !hasModel) throw error;
      reasons.unshift(error.message);
    }
  }
  return { suggestions: await suggester.suggest(jobId, replaceModel(input), 1), fallback: reasons[0]! };
}

/** Lists the reasons of the fallbacks since the model's last suggestion, the newest first. Trials come by number. */
function listLastFallbacks(trials: readonly SuggestedTrial[]): string[] {
  const reasons: string[] = [];
  for (let i = trials.length - 1; i >= 0; i--) {
    const { kind, reason = 'unknown' } = trials[i]!.source;
    if (kind === 'fallback') reasons.push(reason);
    if (kind === 'initial' || kind === 'model') break;
  }
  return reasons;
}
