// Body of the thread that fits models for importance: one at a time, each a pure function of its message.
import { parentPort } from 'node:worker_threads';
import { parameterImportance, type JobRecord, type JobSpec, type TrialRecord } from '@gradsmith/core';

parentPort!.on(
  'message',
  ({ id, spec, job, trials }: { id: number; spec: JobSpec; job: JobRecord; trials: TrialRecord[] }) => {
    try {
      parentPort!.postMessage({ id, items: parameterImportance(spec, job, trials) });
    } catch (error) {
      parentPort!.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  },
);
