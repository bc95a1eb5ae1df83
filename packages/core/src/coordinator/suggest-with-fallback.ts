import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';
import { SuggestionFailed, type Suggester } from '../ports/suggester.ts';
import { replaceModel } from '../spec/search-inputs.ts';
import type { NewTrial } from '../trials/create-trial.ts';

/** A trial, created or about to be. */
type SuggestedTrial = Pick<NewTrial, 'number' | 'source'>;

/** A suggestion, and why it is a random point in place of one of the model; null if it is not. */
export interface FallbackSuggestion {
  suggestion: Suggestion;
  fallback: string | null;
}

/** Fallbacks in a row after which the model is tried only now and then. */
const TRIES = 3;
/** Trials from one try of the model to the next after that. */
const TRY_EVERY = 20;

/**
 * Returns the optimizer's suggestion, or a random point with the reason if the model could not compute one. The model's
 * computation usually grows with the trials, so after three failures in a row it is tried for every 20th trial only:
 * otherwise each trial of the job would wait for the time limit.
 *
 * @throws SuggestionFailed if the random point cannot be computed either, or the job's algorithm has no model
 */
export async function suggestWithFallback(
  suggester: Suggester,
  jobId: string,
  input: SuggestInput,
  trials: readonly SuggestedTrial[],
): Promise<FallbackSuggestion> {
  const reasons = listLastFallbacks(trials);
  const skips = reasons.length >= TRIES && reasons.length % TRY_EVERY !== 0;
  if (!skips) {
    try {
      return { suggestion: await suggester.suggest(jobId, input), fallback: null };
    } catch (error) {
      const hasModel = input.settings.algorithm === 'gp' || input.settings.algorithm === 'tpe';
      if (!(error instanceof SuggestionFailed) || !hasModel) throw error;
      reasons.unshift(error.message);
    }
  }
  return { suggestion: await suggester.suggest(jobId, replaceModel(input)), fallback: reasons[0]! };
}

/** Lists the reasons of the fallbacks since the model's last suggestion, the newest first. */
function listLastFallbacks(trials: readonly SuggestedTrial[]): string[] {
  const suggested = trials
    .filter(({ source: { kind } }) => kind === 'initial' || kind === 'model' || kind === 'fallback')
    .sort((a, b) => b.number! - a.number!);
  const last = suggested.findIndex(({ source }) => source.kind !== 'fallback');
  return suggested.slice(0, last < 0 ? suggested.length : last).map(({ source }) => source.reason ?? 'unknown');
}
