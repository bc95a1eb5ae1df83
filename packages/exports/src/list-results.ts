import type { TrialDetail } from '@gradsmith/contract';
import type { ExportedJob } from './exported-job.ts';

/** Lists the measured numbers of a trial by name: its value as the metric of the job, then its other metrics. */
export function listResults(job: ExportedJob, { value, metrics }: TrialDetail): [name: string, value: number][] {
  const others = Object.entries(metrics).filter(([name]) => name !== job.metric);
  return value === null ? others : [[job.metric, value], ...others];
}
