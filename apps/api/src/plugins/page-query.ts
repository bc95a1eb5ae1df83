import { z } from 'zod';

/** The query parameters that all lists of pages have. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100).describe('Items on a page'),
  cursor: z.string().min(1).max(2_000).optional().describe('`next` of the previous page'),
};
