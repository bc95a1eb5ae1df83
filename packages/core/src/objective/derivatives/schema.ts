import { z } from 'zod';
import { type ActivationName, type CatalogueName, activationNames, derivativeCatalogue } from './catalogue.ts';

const weight = z.number().min(-1e6).max(1e6);
const parameterName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,15}$/, 'a letter, then letters and digits, 16 at most');

/** Weights of the meta-network: hidden unit i has uᵢ (input), bᵢ (bias) and vᵢ (output); d is the output's bias. */
const metaWeightsSchema = z.strictObject({
  u: z.array(weight).min(1),
  b: z.array(weight).optional(),
  v: z.array(weight).min(1),
  d: weight.optional(),
});

const metaNetworkSchema = z.strictObject({
  kind: z.literal('meta-network'),
  hidden: z.int().min(1).max(16).default(1),
  activation: z.enum(activationNames as [ActivationName, ...ActivationName[]]).default('tanh'),
  /** false: no b and no d. */
  bias: z.boolean().default(true),
  /** Absent: the weights are searched. */
  weights: metaWeightsSchema.optional(),
});

const expressionSchema = z.strictObject({
  kind: z.literal('expression'),
  formula: z.string().min(1).max(500),
  parameters: z.record(parameterName, weight).default({}),
});

type CatalogueSchema = z.ZodObject<
  { kind: z.ZodLiteral<CatalogueName>; scale: z.ZodDefault<z.ZodNumber> },
  z.core.$strict
>;

function catalogueSchema(name: string, parameters: Readonly<Record<string, number>>): CatalogueSchema {
  const fields = Object.entries(parameters).map(([parameter, value]) => [parameter, weight.default(value)] as const);
  return z.strictObject({
    kind: z.literal(name as CatalogueName),
    /** Multiplies g: with the layer's own derivative, the constant ratio c of the paper's equation 4. */
    scale: weight.default(1),
    ...Object.fromEntries(fields),
  });
}

/** A b-function g(z), which replaces an activation's derivative. */
export const derivativeSchema = z.discriminatedUnion('kind', [
  metaNetworkSchema,
  expressionSchema,
  ...Object.entries(derivativeCatalogue).map(([name, entry]) => catalogueSchema(name, entry.parameters)),
]);

export type MetaNetwork = z.infer<typeof metaNetworkSchema>;
export type MetaWeights = z.infer<typeof metaWeightsSchema>;
export type Derivative = z.infer<typeof derivativeSchema>;
