import { z } from 'zod';

/** A name of a job or a label. */
export const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
    'must be 1 to 64 lower-case letters, digits, dots, dashes or underscores, beginning and ending ' +
      'with a letter or digit',
  );
