import { z } from 'zod';
import { derivativeSchema } from './derivatives/schema.ts';
import { layerName } from './networks/layers.ts';
import { BACKPROPAGATION } from './program.ts';

/** Share of the matrix of a weight mirror that each step replaces. */
export const DEFAULT_MIRROR_RATE = 0.05;

/**
 * The replacements of wᵀ in the backward pass of a convolution or dense layer.
 *
 * - feedback-alignment: a fixed random matrix (Lillicrap et al. 2016)
 * - direct-feedback-alignment: the output error times a fixed random matrix (Nøkland 2016)
 * - mixed: α·wᵀ + (1 − α)·B with the fixed random matrix B of feedback alignment
 * - sign-symmetry: sign(w) times the matrix's root mean square at the start (Liao et al. 2016)
 * - kolen-pollack: a matrix that is trained with the gradient of w, so that weight decay makes both equal (Kolen and
 *   Pollack 1994, Akrout et al. 2019)
 * - weight-mirror: a matrix that learns w from the response of the layer to noise (Akrout et al. 2019)
 */
const transposeSchema = z.strictObject({
  kind: z
    .enum([
      'feedback-alignment',
      'direct-feedback-alignment',
      'sign-symmetry',
      'mixed',
      'kolen-pollack',
      'weight-mirror',
    ])
    .describe(
      'feedback-alignment: a fixed random matrix. direct-feedback-alignment: the output error times a fixed random ' +
        'matrix. sign-symmetry: the signs of the weights. mixed: α·wᵀ + (1 − α)·B with a fixed random matrix B. ' +
        'kolen-pollack: a matrix that is trained with the gradient of the weights; set optimizer.weightDecay, so ' +
        'that it becomes equal to them. weight-mirror: a matrix that learns the weights from responses to noise',
    ),
  scale: z
    .number()
    .min(-1e6)
    .max(1e6)
    .default(1)
    .describe(
      "Factor of the replacement. With 1, its entries have the layer's initial root mean square. Of `kolen-pollack`, " +
        'factor of the start',
    ),
  alpha: z
    .number()
    .min(-2)
    .max(2)
    .optional()
    .describe('α of `mixed`, by default 0.5: 1 is backpropagation, 0 is feedback alignment; other kinds ignore it'),
  density: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe(
      'Share of the entries of a fixed random matrix that are not 0, by default 1; the others are larger, so that ' +
        'the root mean square stays. The kinds without a fixed random matrix ignore it',
    ),
  rate: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe(
      `Share of the matrix of \`weight-mirror\` that each step replaces, by default ${DEFAULT_MIRROR_RATE}: a larger ` +
        'one follows the weights faster and is noisier; other kinds ignore it',
    ),
});
export type Transpose = z.infer<typeof transposeSchema>;

/** The program of an activation layer: what the error below it is. */
const programSchema = z.strictObject({
  formula: z
    .string()
    .min(1)
    .max(500)
    .default(BACKPROPAGATION)
    .describe(
      'The error below the layer, such as `d * slope`, which is backpropagation. Names are those of a b-function, ' +
        'and `r`, `e`, `n`, `rm`, `rs`; see [Programs](#programs)',
    ),
});

/** A replacement in the backward pass: of an activation's σ′ or of a weight layer's wᵀ. */
export const backwardSchema = z.strictObject({
  layer: z
    .union([layerName, z.array(layerName).min(1).max(64)])
    .describe(
      'An activation layer: `relu1`, `relu2`… in the named networks, or a layer with binary weights. ' +
        'For `transpose`, a convolution or dense layer. ' +
        'Errors are propagated to the lowest layer that learns, so the layer must be above that one. ' +
        'A list of layers shares the replacement, with its searched values',
    ),
  derivative: derivativeSchema
    .optional()
    .describe('The b-function g(z) instead of σ′(z). At a layer with binary weights, g(w) instead of that of sign'),
  program: programSchema
    .optional()
    .describe('`{ formula }`: the whole backward step of an activation layer, instead of the error times σ′(z)'),
  mask: z.boolean().default(false).describe('Keep g at 0 where σ′ is 0, so that dead units stay dead'),
  transpose: transposeSchema
    .optional()
    .describe(
      '`{ kind, scale }`: what propagates the error instead of the transposed weights: `feedback-alignment`, ' +
        '`direct-feedback-alignment`, `sign-symmetry`, `mixed`, `kolen-pollack` or `weight-mirror`',
    ),
});
export type BackwardReplacement = z.infer<typeof backwardSchema>;

/** A replacement at one layer. */
export interface LayerReplacement extends BackwardReplacement {
  readonly layer: string;
  /** Position among the layers that share the replacement: 0 for the first or only one, 1 for the last. */
  readonly depth: number;
}

/** Returns the names of the layers that an entry replaces something of. */
export function listLayers({ layer }: Pick<BackwardReplacement, 'layer'>): readonly string[] {
  return typeof layer === 'string' ? [layer] : layer;
}

/** Returns one replacement for each layer. */
export function listReplacements(backward: readonly BackwardReplacement[]): LayerReplacement[] {
  return backward.flatMap((entry) => {
    const layers = listLayers(entry);
    return layers.map((layer, i) => ({ ...entry, layer, depth: i / Math.max(1, layers.length - 1) }));
  });
}
