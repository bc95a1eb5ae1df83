import { z } from 'zod';
import { derivativeSchema } from './derivatives/schema.ts';
import { layerName } from './networks/layers.ts';

/**
 * The replacements of wᵀ in the backward pass of a convolution or dense layer.
 *
 * - feedback-alignment: a fixed random matrix (Lillicrap et al. 2016)
 * - direct-feedback-alignment: the output error times a fixed random matrix (Nøkland 2016)
 * - sign-symmetry: sign(w) times the matrix's root mean square at the start (Liao et al. 2016)
 */
const transposeSchema = z.strictObject({
  kind: z.enum(['feedback-alignment', 'direct-feedback-alignment', 'sign-symmetry']),
  /** Factor of the replacement. With 1, its entries have the layer's initial root mean square. */
  scale: z.number().min(-1e6).max(1e6).default(1),
});
export type Transpose = z.infer<typeof transposeSchema>;

/** A replacement in the backward pass: of an activation's σ′ or of a weight layer's wᵀ. */
export const backwardSchema = z.strictObject({
  layer: layerName,
  /** For an activation layer: the b-function that replaces σ′. */
  derivative: derivativeSchema.optional(),
  /** Keep the gradient 0 wherever σ′ is 0. */
  mask: z.boolean().default(false),
  /** For a convolution or dense layer: what replaces wᵀ. */
  transpose: transposeSchema.optional(),
});
export type BackwardReplacement = z.infer<typeof backwardSchema>;
