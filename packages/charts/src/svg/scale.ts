import { scaleLinear, scaleLog } from 'd3-scale';
import { measureText } from './metrics.ts';
import { formatNumber } from './numbers.ts';

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** A map from a continuous quantity to user units. Values outside the domain map to its border. */
export interface Scale {
  readonly domain: readonly [low: number, high: number];
  readonly range: readonly [from: number, to: number];
  readonly place: (value: number) => number;
  /** About `count` round values within the domain. */
  readonly ticks: (count: number) => Tick[];
}

/**
 * Limits of numbers: larger ones map to the border of every scale, smaller ones to 0, because differences would not be
 * exact.
 */
const LARGEST = 1e150;
const SMALLEST = 1e-150;

interface ScaleOptions {
  /** Extends the domain to round numbers. */
  readonly nice?: boolean;
  /** Ticks only at whole numbers. */
  readonly integer?: boolean;
}

/** @param extent smallest and largest value; an interval without length is widened around its value */
export function createLinearScale(
  extent: readonly [number, number],
  range: readonly [number, number],
  options: ScaleOptions = {},
): Scale {
  const scale = scaleLinear(widenInterval(limitSize(extent[0]), limitSize(extent[1])), range).clamp(true);
  if (options.nice) scale.nice(5);
  const domain = scale.domain() as [number, number];
  return {
    domain,
    range,
    place: (value) => scale(value),
    ticks: (count) => {
      const values = scale.ticks(Math.max(1, count)).filter((value) => !options.integer || Number.isInteger(value));
      return labelTicks(values, domain);
    },
  };
}

/** @param extent smallest and largest value, both above 0 */
export function createLogScale(extent: readonly [number, number], range: readonly [number, number]): Scale {
  const low = Math.min(LARGEST, Math.max(SMALLEST, extent[0]));
  const high = Math.min(LARGEST, Math.max(low, extent[1]));
  const domain: [number, number] = high / low > 1.0001 ? [low, high] : [low / 2, low * 2];
  const scale = scaleLog(domain, range).clamp(true);
  return {
    domain,
    range,
    place: (value) => scale(Math.max(SMALLEST, value)),
    ticks: (count) => listLogTicks(domain, Math.max(1, count)).map((value) => ({ value, label: formatNumber(value) })),
  };
}

/**
 * Powers of ten if the domain contains some; otherwise 1, 2, 5 of each decade; otherwise round numbers as on a linear
 * scale.
 */
function listLogTicks(domain: readonly [number, number], count: number): number[] {
  const [first, last] = [Math.floor(Math.log10(domain[0])), Math.ceil(Math.log10(domain[1]))];
  const inside = (value: number): boolean => value >= domain[0] * (1 - 1e-9) && value <= domain[1] * (1 + 1e-9);
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const powers = decades.map((exponent) => Number(`1e${exponent}`)).filter(inside);
  if (powers.length >= 3 || powers.length > count)
    return powers.filter((_, i) => i % Math.ceil(powers.length / count) === 0);
  const finer = decades.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`))).filter(inside);
  return finer.length >= 2 ? finer : scaleLinear().domain(domain).ticks(count);
}

/** Selects ticks whose labels (centered along x) leave a gap: all, every second, … */
export function thinTicks(ticks: readonly Tick[], scale: Scale, gap = 10): Tick[] {
  for (let every = 1; every < ticks.length; every++) {
    const kept = ticks.filter((_, i) => i % every === 0);
    if (kept.every((tick, i) => i === 0 || hasGap(kept[i - 1]!, tick, scale, gap))) return kept;
  }
  return ticks.slice(0, 1);
}

function hasGap(a: Tick, b: Tick, scale: Scale, gap: number): boolean {
  return (
    Math.abs(scale.place(b.value) - scale.place(a.value)) >= (measureText(a.label) + measureText(b.label)) / 2 + gap
  );
}

/** Formats labels with the decimals that the distance of the ticks requires. */
function labelTicks(values: readonly number[], domain: readonly [number, number]): Tick[] {
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : Math.abs(domain[1] - domain[0]);
  const size = Math.max(...domain.map(Math.abs));
  const plain = size < 1e7 && step >= 1e-6;
  const digits = Math.floor(Math.log10(size || 1)) - Math.floor(Math.log10(step));
  return values.map((value) => {
    const written = plain
      ? value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
      : formatExponential(value, digits);
    const grouped = plain && size >= 1e4 ? written.replace(/\B(?=(\d{3})+$)/g, ',') : written;
    return { value, label: grouped.replaceAll('-', '−') };
  });
}

function formatExponential(value: number, digits: number): string {
  if (value === 0) return '0';
  const [mantissa, exponent] = value.toExponential(Math.min(15, Math.max(0, digits))).split('e') as [string, string];
  return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${exponent.replace('+', '')}`;
}

function limitSize(value: number): number {
  if (Math.abs(value) < SMALLEST) return 0;
  return Math.min(LARGEST, Math.max(-LARGEST, value));
}

/** Returns an interval with a minimum length, also relative to the size of its ends. */
function widenInterval(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > size * 1e-9) return [low, high];
  const half = size * 0.05 || 0.5;
  return [low - half, high + half];
}
