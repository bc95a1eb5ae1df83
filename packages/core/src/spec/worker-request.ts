import { z } from 'zod';
import { nameSchema } from '../domain/name.ts';
import type { Problem } from '../domain/problem.ts';

/** Labels of one worker, or asked for by one job, at most. */
const MAX_WORKER_LABELS = 16;

/** Reads the labels of a worker, separated by commas. */
export const workerLabelsSchema = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean),
  )
  .pipe(z.array(nameSchema).max(MAX_WORKER_LABELS));

/** Which workers may execute the trials of a job. */
export const workerRequestSchema = z.strictObject({
  labels: z
    .array(nameSchema)
    .max(MAX_WORKER_LABELS)
    .default([])
    .describe('Labels that a worker must have, all of them; see GRADSMITH_LABELS of the worker'),
  device: z.enum(['cpu', 'gpu']).optional().describe('Only workers whose backend runs on this device; for trainings'),
});
export type WorkerRequest = z.infer<typeof workerRequestSchema>;

/** Smaller and larger priorities are refused. */
const MAX_PRIORITY = 100;

export const prioritySchema = z
  .int()
  .min(-MAX_PRIORITY)
  .max(MAX_PRIORITY)
  .describe(
    'Free slots go to the job with the highest priority first; 0 by default. Running trials are never stopped ' +
      'for it. Jobs of the same priority share the slots equally',
  );

/** Refuses a request for workers by an objective that has none, or whose workers announce no device. */
export function checkWorkerRequest({
  workers,
  objective,
}: {
  workers?: WorkerRequest | undefined;
  objective: { kind: string };
}): Problem[] {
  if (workers && objective.kind === 'external')
    return [{ path: ['workers'], message: 'external objectives have no workers; leave it out' }];
  if (workers?.device !== undefined && objective.kind !== 'training')
    return [{ path: ['workers', 'device'], message: 'only trainings have a device; give the workers a label' }];
  return [];
}
