// Body of the thread that computes suggestions.
import { suggestPoints, type Suggestion } from '@gradsmith/bayesopt';
import { serveCalls } from './serve-calls.ts';
import type { SuggestionRequest } from './thread-suggester.ts';

/** After this time, or this multiple of the time of the first one, the suggestions computed so far are returned, ms. */
const ENOUGH_MS = 10;
/** The first suggestion fits the model, and the others share the fit. */
const FIRST_TIMES = 4;

serveCalls(computeSuggestions);

/** Each suggestion depends on the input only. How many are returned depends on the time. */
function computeSuggestions({ input, count }: SuggestionRequest): Suggestion[] {
  const startedAt = performance.now();
  let enoughMs = ENOUGH_MS;
  const suggestions: Suggestion[] = [];
  for (const suggestion of suggestPoints(input)) {
    suggestions.push(suggestion);
    const ms = performance.now() - startedAt;
    if (suggestions.length === 1) enoughMs = Math.max(ENOUGH_MS, FIRST_TIMES * ms);
    if (suggestions.length >= count || ms > enoughMs) break;
  }
  return suggestions;
}
