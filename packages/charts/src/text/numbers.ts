import type { PrunedValue } from '@gradsmith/core/spec';

/** Formats a number for display: four significant digits, with an exponent only if digits would be hard to read. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return trimZeros(value.toExponential(3));
  return trimZeros(size >= 1000 ? String(Math.round(value)) : value.toPrecision(4));
}

/** What the values of trials mean. */
export interface ValueMeaning {
  readonly direction: 'minimize' | 'maximize';
  /** What the value of a pruned trial is; by default a bound. */
  readonly prunedValue?: PrunedValue;
}

/**
 * Formats the value of a trial, and says what that of a pruned one is.
 *
 * @returns `1.741`; for a pruned trial `≥ 1.8`, `≤ 0.4` or `2.3 when stopped`; `–` without a value
 */
export function formatTrialValue(
  { state, value }: { readonly state: string; readonly value: number | null },
  { direction, prunedValue }: ValueMeaning,
  format: (value: number) => string = formatNumber,
): string {
  if (value === null) return '–';
  if (state !== 'pruned') return format(value);
  if (prunedValue === 'when-stopped') return `${format(value)} when stopped`;
  return `${direction === 'minimize' ? '≥' : '≤'} ${format(value)}`;
}

/** Returns what figures call the values of pruned trials. */
export function namePrunedValues({ direction, prunedValue }: ValueMeaning): string {
  if (prunedValue === 'when-stopped') return 'values when stopped';
  return direction === 'minimize' ? 'lower bounds' : 'upper bounds';
}

/** Formats a number with its sign: `+0.031`, `−0.004`, `0`. */
export function formatSigned(value: number, written: string = formatNumber(value)): string {
  return value > 0 ? `+${written}` : written;
}

/**
 * Formats a mean and its interval with the decimals that the width of the interval supports: two digits of its half
 * width, and at least one digit of each end, so that rounding never moves an end to zero.
 */
export function formatInterval(
  mean: number,
  [low, high]: readonly [number, number],
): { mean: string; low: string; high: string } {
  const half = (high - low) / 2;
  const wanted = [half / 10, ...[low, high].filter((end) => end !== 0)].map(
    (size) => -Math.floor(Math.log10(Math.abs(size))),
  );
  const decimals = Math.max(0, ...wanted.filter((count) => Number.isFinite(count)));
  const format = (value: number): string =>
    decimals > 8 || Math.abs(value) >= 1e6 ? formatNumber(value) : formatFixed(value, decimals);
  return { mean: format(mean), low: format(low), high: format(high) };
}

/**
 * Formats a mean and the half width of its interval with the decimals that show two digits of the half width.
 *
 * @returns for example `0.021` and `0.0042` as `0.0210` and `0.0042`
 */
export function formatMargin(mean: number, [low, high]: readonly [number, number]): { mean: string; margin: string } {
  const half = (high - low) / 2;
  const decimals = 1 - Math.floor(Math.log10(half));
  const isPlain = decimals >= 0 && decimals <= 8 && Math.abs(mean) < 1e6;
  const format = (value: number): string => (isPlain ? formatFixed(value, decimals) : formatNumber(value));
  return { mean: format(mean), margin: format(half) };
}

/** Significant digits of the numbers of a column, at least and at most. */
const DIGITS = 4;
const MOST_DIGITS = 6;
const SPREAD = 1_000;

/**
 * Returns a format for all numbers of a column, with the same decimals: those that give the middle one of `values` four
 * digits, and up to six if they are needed to tell the values apart. If values differ by more than a thousand times,
 * each is written with its own digits.
 */
export function createColumnFormat(values: readonly (number | null)[]): (value: number) => string {
  const known = values.filter(isFiniteNumber).sort((a, b) => a - b);
  const sizes = known.flatMap((value) => (value === 0 ? [] : [Math.abs(value)])).sort((a, b) => a - b);
  const size = sizes[Math.floor((sizes.length - 1) / 2)];
  if (size === undefined || size >= 1e6 || size < 1e-4 || sizes.at(-1)! > SPREAD * size) return formatNumber;
  const first = Math.floor(Math.log10(size));
  const gaps = known.slice(1).map((value, i) => value - known[i]!);
  const least = 10 ** (first + 1 - MOST_DIGITS);
  const gap = gaps.reduce((smallest, one) => (one >= least ? Math.min(smallest, one) : smallest), Infinity);
  const decimals = Math.max(0, DIGITS - 1 - first, Number.isFinite(gap) ? Math.ceil(-Math.log10(gap)) : 0);
  return (value) => (Math.abs(value) < 1e6 ? formatFixed(value, decimals) : formatNumber(value));
}

/**
 * As `createColumnFormat`, for values of which none may lose digits: a number has its own digits, as `formatNumber`
 * writes it, if the decimals of the column would show it less exactly.
 */
export function createExactColumnFormat(values: readonly (number | null)[]): (value: number) => string {
  const format = createColumnFormat(values);
  return (value) => {
    const written = format(value);
    const error = Math.abs(Number(written.replace('−', '-')) - value);
    return error > Math.abs(Number(value.toPrecision(DIGITS)) - value) ? formatNumber(value) : written;
  };
}

/** Formats a number as those of a column; with its own digits if those of the column do not tell it from 0. */
export function formatNonzero(value: number, format: (value: number) => string): string {
  const written = format(value);
  return value !== 0 && /^[−0.]+$/.test(written) ? formatNumber(value) : written;
}

function formatFixed(value: number, decimals: number): string {
  const written = value.toFixed(decimals);
  return (Number(written) === 0 ? written.replace('-', '') : written).replace('-', '−');
}

/** Formats a share: `3 %`, `12 %`, `<1 %`. */
export function formatShare(share: number): string {
  const percent = share < 1 ? Math.min(99, Math.round(100 * share)) : 100;
  return percent === 0 && share > 0 ? '<1 %' : `${percent} %`;
}

/** Formats a count with its noun: `1 trial`, `12,345 trials`. */
export function formatPlural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** Formats a whole number with a comma every three digits. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Removes trailing zeros and replaces the hyphen by a minus sign. */
function trimZeros(written: string): string {
  const [digits, exponent] = written.split('e') as [string, string?];
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  const whole = short.replace(/^(-?\d{4,})$/, (match) =>
    match.startsWith('-') ? `-${formatCount(-Number(match))}` : formatCount(Number(match)),
  );
  return `${whole}${exponent === undefined ? '' : `e${exponent.replace('+', '')}`}`.replaceAll('-', '−');
}

/** Returns the smallest and largest finite number, or null if there is none. */
export function findExtent(values: Iterable<number | null | undefined>): [low: number, high: number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!isFiniteNumber(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** Returns the finite numbers among the values, ascending. Typed arrays sort ten times as fast with many values. */
export function sortNumbers(values: Iterable<number | null | undefined>): Float64Array {
  return Float64Array.from([...values].filter(isFiniteNumber)).sort();
}

/** Returns true for a finite number. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Returns the quantile of ascending numbers by linear interpolation, q in [0, 1]. NaN without numbers. */
export function computeQuantile(ascending: ArrayLike<number>, q: number): number {
  const at = (ascending.length - 1) * q;
  const below = ascending[Math.floor(at)] ?? Number.NaN;
  const above = ascending[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
