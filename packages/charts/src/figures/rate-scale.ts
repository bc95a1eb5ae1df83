import type { ImplicitRateData } from '../report/data.ts';
import { countInputs, findQuantile } from '../report/input-histogram.ts';
import { findExtent, formatNumber, isFiniteNumber } from '../text/numbers.ts';
import type { Extent } from './axis.ts';

/** Returns the name of β, and its formula. Without a learning rate, it is β/α. */
export function nameRate({ learningRate, activation }: ImplicitRateData): [name: string, label: string] {
  const ratio = `g(z)/${activation}′(z)`;
  if (learningRate === null) return ['β/α', `β(z)/α = ${ratio}`];
  return ['β', `β(z) = α·${ratio}, α = ${formatNumber(learningRate)}`];
}

/** Returns β at each z: NaN where σ′ = 0. Without a learning rate, β/α. */
export function computeRates({ z, found, derivative, learningRate }: ImplicitRateData): number[] {
  return Array.from(z, (_, i) => {
    const slope = derivative[i] ?? Number.NaN;
    return slope === 0 ? Number.NaN : ((learningRate ?? 1) * (found.g[i] ?? Number.NaN)) / slope;
  });
}

/** The central shares of the inputs that the scale of β may be for, the largest first. */
const CENTRAL_SHARES = [0.9, 0.8, 0.7, 0.6, 0.5] as const;

/** A scale is at most this many times the one for the smallest share, on which β would look like 0. */
const LONGEST_SCALE = 10;

/** The range of z that the scale of β is for if the inputs are not known. */
const USUAL: Extent = [-3, 3];

/** The scale of β, and what it is for. */
interface RateScale {
  readonly extent: Extent;
  /** Of z. */
  readonly range: Extent;
  /** Of the inputs at the end of the training that are in the range; null if they are not known. */
  readonly share: number | null;
}

/**
 * Returns the scale of β: that of the central 90 % of the inputs at the end of the training. Where β grows by orders of
 * magnitude within them, it is that of a smaller share, so that β can be read where most inputs are.
 */
export function chooseRateScale(data: ImplicitRateData, rates: readonly number[]): RateScale {
  const measure = (range: Extent): Extent => findNearExtent(data, rates, range);
  const last = data.inputs.at(-1);
  if (!last || countInputs(last) === 0) return { extent: measure(USUAL), range: USUAL, share: null };
  const scales = CENTRAL_SHARES.map((share): RateScale => {
    const range: Extent = [findQuantile(last, (1 - share) / 2), findQuantile(last, (1 + share) / 2)];
    return { extent: measure(range), range, share };
  });
  const size = ({ extent }: RateScale): number => Math.max(...extent.map(Math.abs));
  const longest = LONGEST_SCALE * size(scales.at(-1)!);
  return scales.find((scale) => size(scale) <= longest)!;
}

/** Returns the extent of β and of the plain learning rate over a range of z, and one place beyond its ends. */
function findNearExtent({ z, learningRate }: ImplicitRateData, rates: readonly number[], [low, high]: Extent): Extent {
  const step = z.length > 1 ? z[1]! - z[0]! : 0;
  const near = rates.filter((rate, i) => isFiniteNumber(rate) && z[i]! >= low - step && z[i]! <= high + step);
  return findExtent([learningRate ?? 1, ...near])!;
}
