import { tidyTensors } from '../kernels/scope.ts';
import type { TrainState } from './train-state.ts';

/**
 * Returns the angle between the weights of each layer and the matrix that delivers its error in their place, in
 * degrees: 0 for backpropagation, about 90 for an independent random matrix. Keys are `angle.<layer>`.
 */
export async function measureAngles(state: TrainState): Promise<Record<string, number>> {
  const measured = tidyTensors(() => state.network.measureFeedback(state.values()));
  const angles: Record<string, number> = {};
  for (const { layer, cosine } of measured) {
    const [value] = await cosine.data<'float32'>();
    cosine.dispose();
    const angle = (180 / Math.PI) * Math.acos(Math.max(-1, Math.min(1, value!)));
    if (Number.isFinite(angle)) angles[`angle.${layer}`] = angle;
  }
  return angles;
}
