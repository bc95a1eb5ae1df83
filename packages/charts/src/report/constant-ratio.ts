import type { BFunctionData } from './data.ts';

/**
 * What a b-function is similar to in the range of most pre-activations.
 *
 * - `constant`: g(z) ≈ factor
 * - `proportional`: g(z) ≈ factor·σ′(z), equation 4 of the paper with a constant ratio
 */
export interface Likeness {
  readonly kind: 'constant' | 'proportional';
  readonly factor: number;
  /** Share of the weighted mean of g² that this explains, 0 to 1. */
  readonly explained: number;
}

/**
 * Compares g with the best constant and the best multiple of σ′ by least squares. z is weighted by the standard normal
 * density, because the input of an activation is usually a normalized sum. Returns the better of the two. If they are
 * equal (σ′ is constant), the result is proportional.
 *
 * @returns null if the samples contain no finite pair
 */
export function computeLikeness(
  { z, derivative }: Pick<BFunctionData, 'z' | 'derivative'>,
  g: ArrayLike<number>,
): Likeness | null {
  const samples = Array.from(z).flatMap((at, i) => {
    const [found, replaced] = [g[i], derivative[i]];
    if (
      found === undefined ||
      replaced === undefined ||
      ![at, found, replaced].every((value) => Math.abs(value) < 1e100)
    )
      return [];
    const spacing = ((z[i + 1] ?? at) - (z[i - 1] ?? at)) / 2;
    return [{ found, replaced, weight: Math.exp(-(at ** 2) / 2) * (Math.abs(spacing) || 1) }];
  });
  const sum = (of: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((total, sample) => total + sample.weight * of(sample), 0);
  const [weight, power, replacedPower] = [
    sum(() => 1),
    sum(({ found }) => found ** 2),
    sum(({ replaced }) => replaced ** 2),
  ];
  if (!(weight > 0)) return null;
  const mean = sum(({ found }) => found) / weight;
  const factor = replacedPower > 0 ? sum(({ found, replaced }) => found * replaced) / replacedPower : 0;
  const explained = (residual: (sample: (typeof samples)[number]) => number): number =>
    power > 0 ? 1 - sum((sample) => residual(sample) ** 2) / power : 0;
  const constant = explained(({ found }) => found - mean);
  const proportional = explained(({ found, replaced }) => found - factor * replaced);
  return proportional >= constant
    ? { kind: 'proportional', factor, explained: proportional }
    : { kind: 'constant', factor: mean, explained: constant };
}
