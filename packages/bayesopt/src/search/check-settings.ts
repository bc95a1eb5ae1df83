import type { SearchSettings } from './types.ts';

const ALGORITHMS: readonly unknown[] = ['gp', 'random', 'sobol', 'grid', 'tpe'];
const DIRECTIONS: readonly unknown[] = ['minimize', 'maximize'];

/** Checks settings that may come from untyped code. @throws RangeError that names the first invalid setting */
export function checkSettings({ algorithm, initial, seed, direction, noisy }: SearchSettings): void {
  if (!ALGORITHMS.includes(algorithm)) rejectSetting('algorithm', algorithm, `one of ${ALGORITHMS.join(', ')}`);
  if (!Number.isSafeInteger(initial) || initial < 1) rejectSetting('initial', initial, 'a whole number of at least 1');
  if (!Number.isSafeInteger(seed) || seed < 0) rejectSetting('seed', seed, 'a whole number from 0 to 2^53 - 1');
  if (!DIRECTIONS.includes(direction)) rejectSetting('direction', direction, `one of ${DIRECTIONS.join(', ')}`);
  if (noisy !== undefined && typeof noisy !== 'boolean') rejectSetting('noisy', noisy, 'true, false or left out');
}

function rejectSetting(name: string, value: unknown, expected: string): never {
  throw new RangeError(`settings.${name} is ${JSON.stringify(value) ?? String(value)}; it must be ${expected}`);
}
