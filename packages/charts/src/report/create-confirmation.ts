import type { ConfirmationData, ParameterData, PointData } from './data.ts';
import { namePoint } from './name-point.ts';

/** The paired gains of a confirmed point, as the ledger computes them. */
type ConfirmationSource = Omit<ConfirmationData, 'name' | 'gains'> & {
  readonly gains: readonly { readonly seedIndex: number; readonly gain: number }[];
};

/** Returns the confirmation of a point, with the name of the point if it has a short one. */
export function createConfirmation(
  source: ConfirmationSource,
  point: PointData,
  parameters: readonly ParameterData[],
): ConfirmationData {
  const name = namePoint(parameters, point);
  const gains = source.gains.map(({ seedIndex, gain }) => ({ seed: seedIndex, gain }));
  return { ...source, gains, ...(name === undefined ? {} : { name }) };
}
