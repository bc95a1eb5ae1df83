// What the API computes from the trials of a job: b-functions, importance, the model, thinned-out curves.
import { z } from 'zod';
import { point, trialId } from './resource-parts.ts';

export const bFunctionsSchema = z.strictObject({
  functions: z
    .array(
      z.strictObject({
        layer: z.string().describe('Name of the activation layer'),
        activation: z.string().describe('Its activation function σ'),
        z: z.array(z.number()).describe('Pre-activations'),
        g: z.array(z.number().nullable()).describe('The b-function; null where it is not finite'),
        derivative: z.array(z.number().nullable()).describe('σ′ of plain backpropagation'),
        rate: z.array(z.number().nullable()).describe('g/σ′, the implicit learning rate; null where σ′ is 0'),
      }),
    )
    .describe('One for each replaced layer'),
});

export const importanceSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the parameter'),
        alone: z.number().describe('First-order Sobol index: the share explained by this parameter alone'),
        total: z.number().describe('Total Sobol index: the share that involves it, interactions included'),
      }),
    )
    .describe('In falling order of total; empty with fewer than two different values'),
});
export type ParameterImportance = z.infer<typeof importanceSchema>['items'][number];

const means = z.array(z.number()).describe('Expected value of the metric at each place');
const deviations = z.array(z.number()).describe('Its standard deviation, without the noise of single trials');
const gridSide = z.strictObject({
  name: z.string().describe('Name of the parameter'),
  at: z.array(z.number()).describe('Its values, ascending, evenly spaced on its scale'),
});

export const modelSchema = z.strictObject({
  point: point.nullable().describe('The best point that the model was fitted to; null without a model'),
  slices: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the parameter'),
        at: z
          .array(z.union([z.number(), z.string(), z.boolean()]))
          .describe('Its values: ascending, or all its choices'),
        mean: means,
        deviation: deviations,
      }),
    )
    .describe('Along each parameter that is active at the best point, with the others as they are there'),
  grid: z
    .strictObject({
      x: gridSide.describe('The columns of the grid'),
      y: gridSide.describe('The rows of the grid'),
      mean: means,
      deviation: deviations,
    })
    .nullable()
    .describe('Over two numeric parameters, row by row, the smallest y first; null without two of them'),
});
export type JobModel = z.infer<typeof modelSchema>;

export const curvesSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        trial: trialId,
        steps: z.array(z.int()).describe('Steps of the curve, ascending, at most 200'),
        values: z
          .array(z.number())
          .describe('At each step the reported value, or of trainings the mean loss of the steps since the one before'),
      }),
    )
    .describe('In the order of the request, without trials that have no curve'),
});
export type TrialCurve = z.infer<typeof curvesSchema>['items'][number];
