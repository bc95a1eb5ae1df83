import { z } from 'zod';

/** RFC 9457 problem details; `problems` names each invalid part of the request. */
export const problemDetailsSchema = z.strictObject({
  type: z.string().describe('Address of the page about this kind of problem, relative to the service'),
  title: z.string().describe('Name of the HTTP status'),
  status: z.int().describe('HTTP status'),
  detail: z.string().describe('What is wrong, and what to do'),
  code: z.string().describe('Stable name of the kind of problem'),
  instance: z.string().optional().describe('Id of the request, as in the log of the service'),
  problems: z
    .array(
      z.strictObject({
        in: z.enum(['body', 'query', 'params', 'headers']).describe('The part of the request'),
        pointer: z.string().describe('JSON pointer into this part; empty for the whole of it'),
        message: z.string().describe('What is wrong there'),
      }),
    )
    .optional()
    .describe('Each invalid part of the request'),
  answer: z.enum(['stale', 'conflict']).optional().describe('What the trial protocol calls the refusal of a result'),
});
export type ProblemDetails = z.infer<typeof problemDetailsSchema>;
