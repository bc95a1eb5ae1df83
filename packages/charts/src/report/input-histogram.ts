import { chooseExtent, type Extent } from '../figures/axis.ts';
import type { InputsData } from './data.ts';

/** The pre-activations at which b-functions are drawn and compared are at least from −limit to limit. */
export const USUAL_LIMIT = 5;
/** Share of the inputs that may be outside of the axis, at each end. */
const TAIL = 0.005;
/** About how many steps of round numbers an axis of inputs has. */
const STEPS = 10;

/** Returns the number of inputs, those outside of the bins among them. */
export function countInputs({ counts }: InputsData): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns the lower edge of a bin inside the range, counted from 0. */
export function readEdge({ limit, counts }: InputsData, bin: number): number {
  return -limit + (2 * limit * bin) / (counts.length - 2);
}

/** Returns the input that a share of all inputs is below: within its bin by linear interpolation. */
export function findQuantile(inputs: InputsData, share: number): number {
  let left = share * countInputs(inputs);
  const bin = inputs.counts.findIndex((count) => (left -= count) <= 0);
  const edge = readEdge(inputs, Math.min(inputs.counts.length - 2, Math.max(0, bin)));
  // What is outside of the range is at its end.
  if (bin <= 0 || bin >= inputs.counts.length - 1) return edge;
  return edge + (left / inputs.counts[bin]!) * (readEdge(inputs, 1) - readEdge(inputs, 0));
}

/** Returns the share of the inputs from `low` to `high`: of a bin that is partly inside, the part that is. */
export function computeShare(inputs: InputsData, [low, high]: Extent): number {
  const inside = inputs.counts.slice(1, -1).reduce((sum, count, bin) => {
    const [from, to] = [readEdge(inputs, bin), readEdge(inputs, bin + 1)];
    return sum + (count * Math.max(0, Math.min(high, to) - Math.max(low, from))) / (to - from);
  }, 0);
  return inside / (countInputs(inputs) || 1);
}

/**
 * Returns the axis for the inputs of a layer: round numbers around 99 % of the inputs at the end of the training, and
 * at least the usual range; null if nothing was counted.
 */
export function chooseInputsExtent(inputs: readonly InputsData[]): Extent | null {
  const last = inputs.at(-1);
  if (!last || countInputs(last) === 0) return null;
  const [low, high] = [findQuantile(last, TAIL), findQuantile(last, 1 - TAIL)];
  return chooseExtent([Math.min(-USUAL_LIMIT, low), Math.max(USUAL_LIMIT, high)], false, STEPS);
}

/** Returns the share of the inputs by unit of z in each bin inside the range. */
export function computeDensities(inputs: InputsData): number[] {
  const width = (2 * inputs.limit) / (inputs.counts.length - 2);
  const total = countInputs(inputs) || 1;
  return inputs.counts.slice(1, -1).map((count) => count / total / width);
}
