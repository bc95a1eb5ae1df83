import { createSelectionSchema } from './fields.ts';
import { jobResourceSchema, jobSummarySchema, trialDetailSchema, trialResourceSchema } from './resources.ts';

/** Answers to requests with `fields`. */
export const jobSelectionSchema = createSelectionSchema(jobResourceSchema);
export const jobSummarySelectionSchema = createSelectionSchema(jobSummarySchema);
export const trialSelectionSchema = createSelectionSchema(trialResourceSchema);
export const trialDetailSelectionSchema = createSelectionSchema(trialDetailSchema);
