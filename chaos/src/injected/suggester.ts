// Runs in the optimizer's thread of a chaos run: a model's suggestion is slow, or never comes, if the space has a
// parameter of that name.
import type { SuggestInput } from '@gradsmith/bayesopt';

export function delaySuggestion(input: SuggestInput): SuggestInput {
  const { space, settings, number } = input;
  if (settings.algorithm !== 'gp' || number < settings.initial) return input;
  const names = Object.keys(space);
  if (names.includes('endless')) for (;;);
  const end = performance.now() + (names.includes('slow') ? 1_500 : 0);
  while (performance.now() < end);
  return input;
}
