import { jobIdPattern, trialIdPattern } from '@gradsmith/core/domain';
import { z } from 'zod';

export const jobParams = z.object({
  id: z.string().regex(jobIdPattern, 'must be a job id, such as job_0123456789abcdef0123').describe('Id of the job'),
});
export const trialParams = jobParams.extend({
  trial: z
    .string()
    .regex(trialIdPattern, 'must be a trial id, such as 7, reference or confirm-7-0')
    .describe('Id of the trial'),
});
const key = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
export const idempotent = z.looseObject({
  'idempotency-key': key
    .optional()
    .describe('The same key with the same request returns the first result instead of creating another one'),
});
