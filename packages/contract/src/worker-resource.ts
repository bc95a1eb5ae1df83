import { z } from 'zod';
import { jobId, time, trialId } from './resource-parts.ts';

export const workerResourceSchema = z.strictObject({
  id: z.string().describe('Id of the worker process'),
  name: z.string().describe('Name of the worker, for people'),
  state: z.enum(['idle', 'working', 'full']).describe('How many of its slots are in use: none, some, all'),
  runtime: z.string().describe('Backend, precision and threads'),
  backend: z.string().describe('The library that it computes with'),
  device: z
    .enum(['cpu', 'gpu', 'software'])
    .nullable()
    .describe('Where it computes; software: a graphics API that is emulated on the CPU. null: it does not say'),
  slots: z.int().describe('Trials that it runs at once'),
  labels: z.array(z.string()).describe('Names that jobs can ask for with workers.labels'),
  trials: z.array(z.strictObject({ job: jobId, trial: trialId })).describe('What it executes now'),
  lacks: z
    .array(z.strictObject({ job: jobId, reason: z.string().describe('What is missing') }))
    .describe('Jobs whose data it does not have, so that it declines their trials'),
  memory: z.int().nullable().describe('Resident bytes of its trainer processes; null: not measured'),
  recent: z
    .strictObject({
      windowMs: z.int().describe('How long it measured, up to its last announcement: at most ten minutes'),
      trials: z.int().describe('Trainings that gave a result in this time'),
      jobs: z
        .array(
          z.strictObject({
            job: jobId,
            trials: z.int().describe('Complete trials'),
            msPerTrial: z.number().nullable().describe('Mean time of a complete trial; null: none was complete'),
            steps: z.int().describe('Steps whose time was measured'),
            msPerStep: z
              .number()
              .nullable()
              .describe(
                'Mean time of a step of one network, without the set-up of the training; null: none was reported',
              ),
          }),
        )
        .describe('What it trained in this time: the last eight jobs at most, the latest first'),
    })
    .nullable()
    .describe('How fast it was in the last minutes; null: the worker does not say'),
  seenAt: time.nullable().describe('When it last announced itself, which it does every few seconds'),
});
export type WorkerResource = z.infer<typeof workerResourceSchema>;
