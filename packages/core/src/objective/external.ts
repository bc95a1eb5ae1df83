import { z } from 'zod';

/** An objective that external programs measure: they ask for points and report values by the trial protocol. */
export const externalObjectiveSchema = z.strictObject({
  kind: z.literal('external').describe('Programs of your own measure the trials with ask and tell'),
  metric: z
    .strictObject({
      name: z
        .string()
        .regex(
          /^[A-Za-z][A-Za-z0-9_. -]{0,63}$/,
          'a metric name has 1 to 64 letters, digits, spaces, dots, dashes or underscores and begins with a letter',
        )
        .describe('Name of the metric, for people'),
      direction: z.enum(['minimize', 'maximize']).describe('Whether smaller or larger values are better'),
    })
    .describe(
      '`{ name, direction }` of the value that external programs report; direction is `minimize` or `maximize`',
    ),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Given to the program with each point'),
});

export type ExternalObjective = z.infer<typeof externalObjectiveSchema>;
