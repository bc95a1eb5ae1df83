// Body of the thread that fits models for importance: one at a time, each a pure function of its message.
import { parentPort } from 'node:worker_threads';
import { type JobRecord, type TrialRecord } from '@gradsmith/core/domain';
import { type JobSpec } from '@gradsmith/core/spec';
import { measureImportance } from '@gradsmith/core/trials';

parentPort!.on(
  'message',
  ({ id, spec, job, trials }: { id: number; spec: JobSpec; job: JobRecord; trials: TrialRecord[] }) => {
    try {
      parentPort!.postMessage({ id, items: measureImportance(spec, job, trials) });
    } catch (error) {
      parentPort!.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  },
);
