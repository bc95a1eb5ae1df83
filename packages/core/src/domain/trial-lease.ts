import { z } from 'zod';

/** Time after which a trial whose worker is silent is given to another one, ms, as a process reads it. */
export const trialLeaseSchema = z.coerce
  .number()
  .int()
  .min(1_000)
  .default(30_000)
  .describe(
    'Time after which a trial whose worker is silent is given to another one, ms. The same for all coordinators ' +
      'and workers',
  );
