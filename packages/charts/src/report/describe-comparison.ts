import { classifyInterval, type ReferenceDivergence } from '@gradsmith/core/domain';
import { createColumnFormat, formatInterval, formatSigned } from '../text/numbers.ts';
import type { MetricData } from './data.ts';
import { describeDivergence } from './describe-divergence.ts';

/** A job that is compared, and its gain on fresh seeds if it has one. */
export interface ComparedResult {
  readonly name: string;
  /** Value of the best trial; null before one is complete. */
  readonly best: number | null;
  readonly reference: number | null;
  /** What the reference trains, and how often it diverged, if it did. */
  readonly diverged?: { readonly name: string; readonly divergence: ReferenceDivergence } | null;
  readonly confirmed: { readonly mean: number; readonly interval: readonly [number, number] | null } | null;
}

type Confirmed = ComparedResult & {
  readonly confirmed: { readonly mean: number; readonly interval: readonly [number, number] };
};

/**
 * Says how jobs with one metric compare: which one has the best value, and whether gains on fresh seeds tell them
 * apart. Returns no sentence before two jobs have a value.
 */
export function describeComparison({ name, direction }: MetricData, jobs: readonly ComparedResult[]): string[] {
  const sign = direction === 'minimize' ? 1 : -1;
  const ranked = jobs
    .flatMap((job) => (job.best === null ? [] : [{ ...job, best: job.best }]))
    .toSorted((a, b) => sign * (a.best - b.best));
  const [first, second] = ranked;
  if (!first || !second) return [];
  const format = createColumnFormat(ranked.map(({ best }) => best));
  const isEqual = first.best === second.best;
  const leader = isEqual
    ? `${first.name} and ${second.name} have the same best ${name}: ${format(first.best)}.`
    : `${first.name} has the best ${name}: ${format(first.best)}. ${second.name} is next with ${format(second.best)}.`;
  const diverged = jobs.flatMap((job) => describeDiverged(job) ?? []);
  if (jobs.every(({ reference, confirmed }) => reference === null && !confirmed)) return [leader, ...diverged];
  return [leader, describeConfirmed(ranked), ...diverged];
}

function describeDiverged({ name, diverged }: ComparedResult): string | null {
  return diverged ? describeDivergence(diverged.name, diverged.divergence, `The reference of ${name}`) : null;
}

function describeConfirmed(jobs: readonly ComparedResult[]): string {
  const [first, second] = jobs.filter(isConfirmed).toSorted((a, b) => b.confirmed.mean - a.confirmed.mean);
  if (!first || !second)
    return 'Fewer than two jobs have confirmed gains, and the best of many trials looks better than it is.';
  const gain = ({ confirmed: { mean, interval } }: Confirmed): string => {
    const texts = formatInterval(mean, interval);
    return `${formatSigned(mean, texts.mean)} [${texts.low}, ${texts.high}]`;
  };
  const isSame = jobs.every(({ reference }) => reference === first.reference);
  return [
    `On fresh seeds, ${first.name} gains most: ${gain(first)}, ${describeOrder(first, second, gain)}`,
    ...describeUnsure([first, second]),
    ...(isSame ? [] : ['The references differ, so each gain is over another training: compare the values, too.']),
  ].join(' ');
}

function describeOrder(first: Confirmed, second: Confirmed, gain: (job: Confirmed) => string): string {
  return first.confirmed.interval[0] > second.confirmed.interval[1]
    ? `more than ${second.name} with ${gain(second)}: the 95 % intervals do not overlap.`
    : `${second.name} ${gain(second)}: the 95 % intervals overlap, so the order may be chance.`;
}

/** Says which gains could be none at all. */
function describeUnsure(jobs: readonly Confirmed[]): string[] {
  const names = jobs
    .filter(({ confirmed: { interval } }) => classifyInterval(interval) === 'unclear')
    .map(({ name }) => name);
  return names.length ? [`That of ${names.join(' and that of ')} contains zero, so no gain is confirmed there.`] : [];
}

function isConfirmed(job: ComparedResult): job is Confirmed {
  return Boolean(job.confirmed?.interval);
}
