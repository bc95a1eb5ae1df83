const BARS = '▁▂▃▄▅▆▇█';

/**
 * The values as a row of bars, one character each, taller is larger. More values than `columns` share characters, each
 * showing the best of its share. null stands for a trial without a value and shows as ×. The tallest twentieth is cut
 * off, so that one diverged training does not flatten all others.
 */
export function sparkline(
  values: readonly (number | null)[],
  columns: number,
  direction: 'minimize' | 'maximize',
): string {
  const shown = shares(values, columns).map((share) => findBest(share, direction));
  const known = shown.filter((value): value is number => value !== null).sort((a, b) => a - b);
  if (!known.length) return '×'.repeat(shown.length);
  const cut = Math.floor(known.length / 20);
  const low = known[direction === 'maximize' ? cut : 0]!;
  const high = known[known.length - 1 - (direction === 'minimize' ? cut : 0)]!;
  return shown.map((value) => (value === null ? '×' : chooseBar(value, low, high))).join('');
}

function chooseBar(value: number, low: number, high: number): string {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return BARS[Math.max(0, Math.min(BARS.length - 1, Math.round(share * (BARS.length - 1))))]!;
}

function shares<T>(values: readonly T[], columns: number): T[][] {
  if (values.length <= columns) return values.map((value) => [value]);
  return Array.from({ length: columns }, (_, i) =>
    values.slice(Math.floor((i * values.length) / columns), Math.floor(((i + 1) * values.length) / columns)),
  );
}

function findBest(values: readonly (number | null)[], direction: 'minimize' | 'maximize'): number | null {
  const known = values.filter((value): value is number => value !== null);
  if (!known.length) return null;
  return known.reduce(direction === 'minimize' ? (a, b) => Math.min(a, b) : (a, b) => Math.max(a, b));
}
