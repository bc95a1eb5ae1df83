import { z } from 'zod';
import {
  type ActivationName,
  type CatalogueEntry,
  type CatalogueName,
  activationNames,
  derivativeCatalogue,
} from './catalogue.ts';

const weight = z.number().min(-1e6).max(1e6);
const parameterName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,15}$/, 'a letter, then letters and digits, 16 at most');

/** Weights of the meta-network: hidden unit i has uᵢ (input), bᵢ (bias) and vᵢ (output); d is the output's bias. */
const metaWeightsSchema = z.strictObject({
  u: z.array(weight).min(1).describe('Input weight of each hidden unit'),
  b: z.array(weight).optional().describe('Bias of each hidden unit'),
  v: z.array(weight).min(1).describe('Output weight of each hidden unit'),
  d: weight.optional().describe('Bias of the output'),
});

const metaNetworkSchema = z.strictObject({
  kind: z.literal('meta-network').describe('A small network with one hidden layer computes g'),
  hidden: z.int().min(1).max(16).default(1).describe('Hidden units of g(z) = Σ vᵢ·act(uᵢ·z + bᵢ) + d'),
  activation: z
    .enum(activationNames as [ActivationName, ...ActivationName[]])
    .default('tanh')
    .describe('Activation act of the hidden units'),
  bias: z.boolean().default(true).describe('Whether g has b and d'),
  weights: metaWeightsSchema
    .optional()
    .describe('`{ u, b, v, d }` for a fixed g. Without it, the weights are searched as `<layer>.u`, …'),
});

const expressionSchema = z.strictObject({
  kind: z.literal('expression').describe('A formula computes g'),
  formula: z
    .string()
    .min(1)
    .max(500)
    .describe(
      'An expression in z, such as `1 / (1 + abs(z))^k`. It may also use the training progress `t` (0 to 1), ' +
        'mean `m` and deviation `s` of z over the batch, the forward value `a`, σ′ as `slope`, the error `d` that ' +
        'arrives with its deviation `ds`, and `depth`, 0 to 1 over the layers that share the formula',
    ),
  parameters: z
    .record(parameterName, weight)
    .default({})
    .describe('Values of the other names in the formula; each can be searched'),
});

const coefficients = z.array(weight).min(1).max(16);

const dictionarySchema = z.strictObject({
  kind: z.literal('dictionary').describe('A weighted sum of functions computes g'),
  bases: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(16)
    .describe('The functions φᵢ of g(z) = Σ cᵢ·φᵢ(z): names from this list, such as `relu`, or formulas, such as `z`'),
  byDepth: z
    .boolean()
    .default(false)
    .describe('Whether coefficients change from the first to the last layer of the list: cᵢ + eᵢ·depth'),
  penalty: z
    .number()
    .min(0)
    .max(1e4)
    .default(0)
    .describe(
      'Times the sum of all |cᵢ| and |eᵢ|, this is added to the value of a search trial (subtracted if the metric is ' +
        'maximized). Confirm trials are without it',
    ),
  coefficients: z
    .strictObject({
      c: coefficients.describe('Coefficient of each function'),
      e: coefficients.optional().describe('Its change from the first to the last layer, if `byDepth` is set'),
    })
    .optional()
    .describe('`{ c, e }` for a fixed g. Without it, they are searched as `<layer>.c1`, … from −2 to 2'),
});

type CatalogueSchema = z.ZodObject<
  {
    kind: z.ZodLiteral<CatalogueName>;
    scale: z.ZodDefault<z.ZodNumber>;
    stretch: z.ZodOptional<z.ZodNumber>;
    asymmetry: z.ZodOptional<z.ZodNumber>;
  },
  z.core.$strict
>;

/** Meanings of the parameters of the functions in the catalogue. */
const parameterMeanings: Readonly<Record<string, string>> = {
  alpha: "Slope or width, as in the function's paper",
  lambda: 'Scale of SELU',
  offset: 'Added to σ′',
  k: 'Steepness',
  gamma: 'Height',
  width: 'Width of the window',
};

function catalogueSchema(name: string, { formula, parameters }: CatalogueEntry): CatalogueSchema {
  const fields = Object.entries(parameters).map(
    ([parameter, value]) => [parameter, weight.default(value).describe(parameterMeanings[parameter] ?? '')] as const,
  );
  return z.strictObject({
    kind: z.literal(name as CatalogueName).describe(`g(z) = ${formula}`),
    /** With the layer's own derivative, the constant ratio c of the paper's equation 4. */
    scale: weight.default(1).describe('Factor on g'),
    stretch: z.number().min(1e-6).max(1e6).optional().describe('Makes g this many times as wide: g(z / stretch)'),
    asymmetry: z
      .number()
      .gt(-1)
      .lt(1)
      .optional()
      .describe('Makes g 1 + asymmetry times as wide for z > 0, and 1 − asymmetry times as wide for z < 0'),
    ...Object.fromEntries(fields),
  });
}

/** A b-function g(z), which replaces an activation's derivative. */
export const derivativeSchema = z.discriminatedUnion('kind', [
  metaNetworkSchema,
  expressionSchema,
  dictionarySchema,
  ...Object.entries(derivativeCatalogue).map(([name, entry]) => catalogueSchema(name, entry)),
]);

export type MetaNetwork = z.infer<typeof metaNetworkSchema>;
export type Dictionary = z.infer<typeof dictionarySchema>;
export type MetaWeights = z.infer<typeof metaWeightsSchema>;
export type Derivative = z.infer<typeof derivativeSchema>;
