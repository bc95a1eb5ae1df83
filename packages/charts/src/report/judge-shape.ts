import { classifyInterval, computeGain } from '@gradsmith/core/domain';
import { formatMargin, formatNumber, formatPlural, formatSigned, isFiniteNumber } from '../text/numbers.ts';
import type { BaselineData, IntervalData } from './data.ts';

/** Whether the shape of the best g is worth more than the null hypotheses of the job. */
export interface ShapeVerdict {
  /**
   * - `confirmed`: g is better than plain backpropagation and every baseline, each by an interval above zero
   * - `unconfirmed`: it cannot be distinguished from one of them, or a baseline did not keep the gain of its search
   * - `worse`: one of them is better
   * - `open`: a comparison is missing
   */
  readonly outcome: 'confirmed' | 'unconfirmed' | 'worse' | 'open';
  readonly sentence: string;
  /** Baselines whose comparison is weak, one sentence or two each. */
  readonly notes: readonly string[];
}

/** The best point of a search and what it is compared with. */
export interface ShapeData {
  readonly number: number;
  /** Its gain over the reference on fresh seeds; null or undefined without a pair. */
  readonly gain: MeanGain | null | undefined;
  readonly seeds: number;
  /** What the reference trains, such as `plain backpropagation`, and its value under the seeds of the search. */
  readonly reference: { readonly name: string; readonly value: number | null };
  readonly direction: 'minimize' | 'maximize';
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
  readonly side: ReturnType<typeof classifyInterval> | 'unknown';
}

/**
 * Says in one sentence whether the shape of the best g is worth anything; null if the job has no baselines, or while
 * there is nothing to compare.
 */
export function judgeShape(data: ShapeData): ShapeVerdict | null {
  if (!data.gain && !data.baselines.some(({ best }) => best)) return null;
  if (!data.baselines.length) return null;
  const reference = compare(data.reference.name, null, data.gain ?? null);
  const others = data.baselines.map((baseline) => compareBaseline(baseline, data.number));
  const weak = data.baselines.filter((baseline) => isOvertuned(baseline, data));
  const { outcome, text } = conclude(reference, others, weak);
  const notes = weak.map(describeOvertuning);
  if (outcome === 'open')
    return { outcome, sentence: `Whether the shape of g is worth anything is open: ${text}.`, notes };
  const phrases = describeComparisons([reference, ...others]);
  return {
    outcome,
    sentence:
      `On ${formatPlural(data.seeds, 'fresh paired seed')}, the g of trial ${data.number} ` +
      `${joinPhrases(phrases)}: ${text}.`,
    notes,
  };
}

/** Returns whether a baseline gained more in its search than its interval on fresh seeds contains. */
function isOvertuned({ best, gain }: BaselineData, { reference, direction }: ShapeData): boolean {
  if (!best || !isFiniteNumber(reference.value) || !gain?.interval) return false;
  return computeGain(reference.value, best.value, direction) > gain.interval[1];
}

function describeOvertuning({ name }: BaselineData): string {
  const named = name === 'constant' ? 'constant' : 'learning rate';
  return (
    `The best ${named} gained less on fresh seeds than on the seed that it was tuned on, so another ${named} may ` +
    'be a ' +
    'stronger null hypothesis. Repeat the job with another objective.seed before you conclude anything from it.'
  );
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
  return classifyInterval(interval);
}

const sides: readonly [side: Comparison['side'], verb: string, conjunction: string][] = [
  ['better', 'beats', 'and'],
  ['unclear', 'cannot be distinguished from', 'or'],
  ['worse', 'is worse than', 'and'],
  ['unknown', 'has too few pairs with', 'and'],
];

/** Returns a phrase for each side, such as `beats plain backpropagation by 0.021 ± 0.004`. */
function describeComparisons(comparisons: readonly Comparison[]): string[] {
  return sides.flatMap(([side, verb, conjunction]) => {
    const found = comparisons.filter((comparison) => comparison.side === side);
    return found.length ? [`${verb} ${joinList(found.map(describeComparison), conjunction)}`] : [];
  });
}

function describeComparison({ name, baseline, gain, side }: Comparison): string {
  const what = baseline ? `the best ${formatSetting(baseline)}` : name;
  if (side === 'unknown' || !gain?.interval) return what;
  if (side === 'unclear') return `${what} (gain ${formatGain(gain)})`;
  const { mean, margin } = formatMargin(gain.mean, gain.interval);
  return `${what} by ${mean.replace('−', '')} ± ${margin}`;
}

function conclude(
  reference: Comparison,
  others: readonly Comparison[],
  weak: readonly BaselineData[],
): { outcome: ShapeVerdict['outcome']; text: string } {
  const list = (side: Comparison['side']): Comparison[] => others.filter((other) => other.side === side);
  const isKnown = reference.side !== 'unknown';
  if (isKnown && list('worse').length)
    return { outcome: 'worse', text: `${joinNames(list('worse'), 'is', 'are')} worth more than this g` };
  if (isKnown && reference.side !== 'better')
    return { outcome: 'unconfirmed', text: 'there is no gain over plain backpropagation that a shape could explain' };
  const missing = [reference, ...others].filter(({ side }) => side === 'unknown');
  if (missing.length)
    return { outcome: 'open', text: `an interval is missing for the gain over ${joinNames(missing)}` };
  const level = list('unclear');
  if (!level.length && weak.length)
    return {
      outcome: 'unconfirmed',
      text:
        `the shape of g is worth more than ${joinNames(others)}, but not every one of them is a strong null ` +
        'hypothesis',
    };
  if (!level.length) return { outcome: 'confirmed', text: `the shape of g is worth more than ${joinNames(others)}` };
  const gaining = level.filter(({ baseline }) => findSide(baseline?.gain?.interval) === 'better');
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
  const names = joinList(
    comparisons.map(({ name }) => name),
    'and',
  );
  return verb ? `${names} ${verb}` : names;
}

/** Joins phrases that may contain `and` themselves: `a, b, and c`. */
function joinPhrases(phrases: readonly string[]): string {
  return phrases.map((phrase, i) => (i > 0 && i === phrases.length - 1 ? `and ${phrase}` : phrase)).join(', ');
}

/** Returns `a`, `a and b`, or `a, b and c`. */
function joinList(items: readonly string[], conjunction: string): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)!}`;
}
