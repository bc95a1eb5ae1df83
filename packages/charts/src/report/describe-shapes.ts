import { formatNumber, formatShare } from '../text/numbers.ts';
import { type Likeness, computeLikeness } from './constant-ratio.ts';
import type { BFunctionData } from './data.ts';

/** Shares of g² above which a b-function is called nearly, or largely, equivalent to a learning rate. */
const NEARLY = 0.99;
const LARGELY = 0.9;

/**
 * Says of each layer's g(z) in a trial if it is nearly constant or a multiple of σ′, and what the factor is to the
 * optimizer. Empty if it is not, and for layers without samples of this trial.
 */
export function describeShapes(layers: readonly BFunctionData[], number: number): string[] {
  return layers.flatMap((layer) => {
    const found = layer.found.find((entry) => entry.number === number);
    const like = found && computeLikeness(layer, found.g);
    return like && like.explained >= LARGELY ? [describeShape(layer, like)] : [];
  });
}

function describeShape({ layer, activation, scaling }: BFunctionData, { kind, factor, explained }: Likeness): string {
  const degree = explained >= NEARLY ? 'nearly' : 'largely';
  if (kind === 'proportional' && Math.abs(factor - 1) <= 0.05)
    return `The g(z) of ${layer} is ${degree} ${activation}′ itself: this is plain backpropagation.`;
  const like =
    kind === 'constant'
      ? `constant (about ${formatNumber(factor)}`
      : `a multiple of ${activation}′ (${formatNumber(factor)} times`;
  return (
    `The g(z) of ${layer} is ${degree} ${like}; that makes up ${formatShare(explained)} of g² where most ` +
    `inputs lie): ${describeFactor(factor, scaling)}.`
  );
}

/** Says what the factor is to the optimizer: a learning rate, unless it divides by the size of gradients. */
function describeFactor(factor: number, scaling: string | undefined): string {
  if (scaling !== undefined) return factor < 0 ? `a negative factor climbs the loss; ${scaling}` : scaling;
  const rate = factor < 0 ? 'a negative implicit learning rate, which climbs the loss' : 'an implicit learning rate';
  return `this is ${rate}: try a tuned explicit one`;
}
