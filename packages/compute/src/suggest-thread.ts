// Body of the thread that computes suggestions.
import { suggestPoints, type Suggestion } from '@gradsmith/bayesopt';
import { serveCalls } from './serve-calls.ts';
import type { SuggestionRequest } from './thread-suggester.ts';

/** After this time, the suggestions computed so far are returned, ms. */
const ENOUGH_MS = 10;

serveCalls(computeSuggestions);

/** Each suggestion depends on the input only. How many are returned depends on the time. */
function computeSuggestions({ input, count }: SuggestionRequest): Suggestion[] {
  const end = performance.now() + ENOUGH_MS;
  const suggestions: Suggestion[] = [];
  for (const suggestion of suggestPoints(input)) {
    suggestions.push(suggestion);
    if (suggestions.length >= count || performance.now() > end) break;
  }
  return suggestions;
}
