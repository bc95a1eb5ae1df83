import { z } from 'zod';
import { baselineNames } from '../domain/baselines.ts';
import { MAX_CONFIRM_SEEDS } from '../domain/trial-seeds.ts';

/** Trials that tune a baseline if the job does not say how many. */
export const DEFAULT_BASELINE_BUDGET = 15;
/** Most trials of a baseline; their numbers have at most three digits. */
const MAX_BASELINE_BUDGET = 500;

export const confirmSchema = z.strictObject({
  top: z.int().min(0).max(20).default(3).describe('Best points to run again'),
  seeds: z
    .int()
    .min(0)
    .max(MAX_CONFIRM_SEEDS)
    .default(5)
    .describe(
      'Fresh seeds for each of them, for the reference and for each null hypothesis of `against`: without these, ' +
        '(top + 1) × seeds trainings. They do not count for the budget',
    ),
  against: z
    .array(z.enum(['backpropagation', ...baselineNames]))
    .min(1)
    .max(3)
    .optional()
    .describe(
      'What the best points are compared with; by default `backpropagation`. `constant` and `learning-rate` are null ' +
        'hypotheses that the job tunes by itself: the best constant times σ′ at the replaced layers, and the best ' +
        'learning rate of plain backpropagation',
    ),
  budget: z
    .int()
    .min(1)
    .max(MAX_BASELINE_BUDGET)
    .optional()
    .describe(
      `Trials that tune each of \`constant\` and \`learning-rate\`, by default ${DEFAULT_BASELINE_BUDGET}; ` +
        'they do not count for the budget of the search',
    ),
});
export type Confirm = z.infer<typeof confirmSchema>;
