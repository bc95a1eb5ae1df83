import { z } from 'zod';
import { NAME_RULE, namePattern } from './label-rules.ts';

/** A name of a job or a label. */
export const nameSchema = z.string().regex(namePattern, NAME_RULE);
