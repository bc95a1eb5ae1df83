import { formatMargin, formatNumber, formatPlural, formatSigned, isFiniteNumber } from '../svg/numbers.ts';
import type { BaselineData, IntervalData } from './data.ts';

/** Whether the shape of the best g is worth more than the null hypotheses of the job. */
export interface ShapeVerdict {
  /**
   * - `confirmed`: g is better than plain backpropagation and every baseline, each by an interval above zero
   * - `unconfirmed`: it cannot be told from one of them
   * - `worse`: one of them is better
   * - `open`: a comparison is missing
   */
  readonly outcome: 'confirmed' | 'unconfirmed' | 'worse' | 'open';
  readonly sentence: string;
}

/** The best point of a search and what it is compared with. */
export interface ShapeData {
  readonly number: number;
  /** Its gain over the reference on fresh seeds; null or undefined without a pair. */
  readonly gain: MeanGain | null | undefined;
  readonly seeds: number;
  /** What the reference trains, such as `plain backpropagation`. */
  readonly reference: string;
  readonly baselines: readonly BaselineData[];
}

interface MeanGain {
  readonly mean: number;
  readonly interval: IntervalData;
}

/** One comparison of g: with the reference (baseline null) or a baseline. */
interface Comparison {
  readonly name: string;
  readonly baseline: BaselineData | null;
  readonly gain: MeanGain | null;
  readonly side: 'above' | 'level' | 'below' | 'unknown';
}

/**
 * Says in one sentence whether the shape of the best g is worth anything; null if the job has no baselines, or while
 * there is nothing to compare.
 */
export function judgeShape(data: ShapeData): ShapeVerdict | null {
  if (!data.gain && !data.baselines.some(({ best }) => best)) return null;
  if (!data.baselines.length) return null;
  const reference = compare(data.reference, null, data.gain ?? null);
  const others = data.baselines.map((baseline) => compareBaseline(baseline, data.number));
  const { outcome, text } = conclude(reference, others);
  if (outcome === 'open') return { outcome, sentence: `Whether the shape of g is worth anything is open: ${text}.` };
  const phrases = describeComparisons([reference, ...others]);
  return {
    outcome,
    sentence:
      `On ${formatPlural(data.seeds, 'fresh paired seed')}, the g of trial ${data.number} ` +
      `${phrases.join(', ')}: ${text}.`,
  };
}

/** Returns `constant 2.3 × σ′` or `learning rate 0.05`; the name alone while no trial of the baseline is complete. */
export function formatSetting({ name, best }: BaselineData): string {
  const named = name === 'constant' ? 'constant' : 'learning rate';
  const [value] = Object.values(best?.point ?? {});
  if (!isFiniteNumber(value)) return named;
  return `${named} ${formatNumber(value)}${name === 'constant' ? ' × σ′' : ''}`;
}

/** Returns `+0.021 ± 0.004`. */
export function formatGain({ mean, interval }: MeanGain): string {
  if (!interval) return `${formatSigned(mean)} (no interval)`;
  const written = formatMargin(mean, interval);
  return `${formatSigned(mean, written.mean)} ± ${written.margin}`;
}

function compareBaseline(baseline: BaselineData, number: number): Comparison {
  const found = baseline.confirmed.find(({ trial }) => trial === String(number));
  return compare(
    `the best ${formatSetting({ ...baseline, best: null })}`,
    baseline,
    found ? { mean: found.meanGain, interval: found.interval } : null,
  );
}

function compare(name: string, baseline: BaselineData | null, gain: MeanGain | null): Comparison {
  return { name, baseline, gain, side: findSide(gain?.interval) };
}

function findSide(interval: IntervalData | undefined): Comparison['side'] {
  if (!interval?.every(isFiniteNumber)) return 'unknown';
  if (interval[0] > 0) return 'above';
  return interval[1] < 0 ? 'below' : 'level';
}

const sides: readonly [side: Comparison['side'], verb: string, conjunction: string][] = [
  ['above', 'beats', ' and '],
  ['level', 'cannot be told from', ' or '],
  ['below', 'is worse than', ' and '],
  ['unknown', 'has too few pairs with', ' and '],
];

/** Returns a phrase for each side, such as `beats plain backpropagation by 0.021 ± 0.004`. */
function describeComparisons(comparisons: readonly Comparison[]): string[] {
  return sides.flatMap(([side, verb, conjunction]) => {
    const found = comparisons.filter((comparison) => comparison.side === side);
    return found.length ? [`${verb} ${found.map(describeComparison).join(conjunction)}`] : [];
  });
}

function describeComparison({ name, baseline, gain, side }: Comparison): string {
  const what = baseline ? `the best ${formatSetting(baseline)}` : name;
  if (side === 'unknown' || !gain?.interval) return what;
  if (side === 'level') return `${what} (${formatGain(gain)})`;
  const { mean, margin } = formatMargin(gain.mean, gain.interval);
  return `${what} by ${mean.replace('−', '')} ± ${margin}`;
}

function conclude(
  reference: Comparison,
  others: readonly Comparison[],
): { outcome: ShapeVerdict['outcome']; text: string } {
  const list = (side: Comparison['side']): Comparison[] => others.filter((other) => other.side === side);
  const isKnown = reference.side !== 'unknown';
  if (isKnown && list('below').length)
    return { outcome: 'worse', text: `${joinNames(list('below'), 'is', 'are')} worth more than this g` };
  if (isKnown && reference.side !== 'above')
    return { outcome: 'unconfirmed', text: 'there is no gain over plain backpropagation that a shape could explain' };
  const missing = [reference, ...others].filter(({ side }) => side === 'unknown');
  if (missing.length)
    return { outcome: 'open', text: `an interval is missing for the gain over ${joinNames(missing)}` };
  const level = list('level');
  if (!level.length) return { outcome: 'confirmed', text: `the shape of g is worth more than ${joinNames(others)}` };
  const gaining = level.filter(({ baseline }) => findSide(baseline?.gain?.interval) === 'above');
  if (gaining.length)
    return {
      outcome: 'unconfirmed',
      text: `${joinNames(gaining, 'gains', 'gain')} as much, so the gain does not need the shape of g`,
    };
  return {
    outcome: 'unconfirmed',
    text: `these pairs do not show that the shape of g is worth more than ${joinNames(level)}`,
  };
}

/** Joins the names, and adds the form of a verb for one or for several. */
function joinNames(comparisons: readonly Comparison[], one = '', several = ''): string {
  const verb = comparisons.length === 1 ? one : several;
  return [comparisons.map(({ name }) => name).join(' and '), verb].filter(Boolean).join(' ');
}
