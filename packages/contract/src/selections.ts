import { createSelectionSchema } from './fields.ts';
import { jobResourceSchema, jobSummarySchema } from './job-resources.ts';
import { trialDetailSchema, trialResourceSchema } from './trial-resources.ts';

/** Answers to requests with `fields`. */
export const jobSelectionSchema = createSelectionSchema(jobResourceSchema);
export const jobSummarySelectionSchema = createSelectionSchema(jobSummarySchema);
export const trialSelectionSchema = createSelectionSchema(trialResourceSchema);
export const trialDetailSelectionSchema = createSelectionSchema(trialDetailSchema);
