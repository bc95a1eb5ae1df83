import {
  activations,
  datasetSchema,
  derivativeCatalogue,
  getMetricDirection,
  metricSchema,
  networkSchema,
  optimizerSchema,
} from '@gradsmith/core/objective';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';

const name = z.string().describe('Its name in job files');
const entry = z.strictObject({
  name,
  schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its fields, with ranges and defaults'),
});

/** Lists everything that a job file can name, from the schemas that check it. */
export const catalogueSchema = z.strictObject({
  datasets: z.array(entry).describe('Data sets of trainings'),
  networks: z.array(entry).describe('Target networks'),
  optimizers: z.array(entry).describe('Training optimizers'),
  algorithms: z.array(z.string()).describe('Search algorithms'),
  metrics: z
    .array(
      z.strictObject({
        name,
        direction: z.enum(['minimize', 'maximize']).describe('Whether smaller or larger values are better'),
      }),
    )
    .describe('Metrics of trainings'),
  activations: z
    .array(
      z.strictObject({
        name,
        formula: z.string().describe('σ(z)'),
        derivative: z.string().describe('σ′(z)'),
      }),
    )
    .describe('Activation functions'),
  derivatives: z
    .array(
      z.strictObject({
        name,
        formula: z.string().describe('g(z)'),
        parameters: z.record(z.string(), z.number()).describe('Its parameters with their defaults'),
      }),
    )
    .describe('Named b-functions'),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

export function describeCatalogue(): Catalogue {
  return {
    datasets: listEntries(datasetSchema.options),
    networks: listEntries(networkSchema.options),
    optimizers: listEntries(optimizerSchema.options),
    algorithms: [...jobSchema.shape.search.shape.algorithm.unwrap().options],
    metrics: metricSchema.options.map((name) => ({ name, direction: getMetricDirection(name) })),
    activations: Object.entries(activations).map(([name, { formula, derivative }]) => ({ name, formula, derivative })),
    derivatives: Object.entries(derivativeCatalogue).map(([name, { formula, parameters }]) => ({
      name,
      formula,
      parameters: { ...parameters },
    })),
  };
}

/** Lists one entry for each schema of a union by its literal `name`; a user's own network is called custom. */
function listEntries(options: readonly z.ZodType[]): Catalogue['datasets'] {
  return options.map((option) => {
    const schema = z.toJSONSchema(option, { io: 'input' }) as Record<string, unknown>;
    const { name } = (schema.properties ?? {}) as { name?: { const?: string } };
    return { name: name?.const ?? 'custom', schema };
  });
}
