import { z } from 'zod';

/** Why the result of a trial does not count, in the words of a person. */
export const invalidationReasonSchema = z.string().min(1).max(500);
