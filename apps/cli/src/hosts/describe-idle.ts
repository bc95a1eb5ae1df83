import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import type { Host } from './host.ts';

/** Returns `gradsmith COMMAND JOB` with the options that name the place of the job. */
export function formatJobCommand(host: Pick<Host, 'flags'>, command: string, jobId: string): string {
  return ['gradsmith', command, jobId, host.flags].filter(Boolean).join(' ');
}

/** Returns that nothing runs an unfinished job, and how to change it; null if something runs it, or it has finished. */
export function describeIdle(
  host: Pick<Host, 'flags' | 'isLocal'>,
  { id, state, phase, workers }: Pick<JobStatus, 'id' | 'state' | 'phase' | 'workers'>,
  { objective, workers: request }: Pick<JobSpec, 'objective' | 'workers'>,
): string | null {
  if (phase === 'finished' || workers > 0) return null;
  if (state === 'paused') return `nothing new is started; continue with: ${formatJobCommand(host, 'resume', id)}`;
  if (objective.kind === 'external')
    return host.isLocal
      ? 'nothing runs it now: its trials are asked for over HTTP; submit it to a service'
      : 'no program runs one of its trials now; programs of yours ask for them';
  const modules = objective.kind === 'module' ? ' --modules FOLDER' : '';
  if (host.isLocal) return `nothing runs it now; continue with: ${formatJobCommand(host, 'run', id)}${modules}`;
  const labels = request?.labels.join(',') ?? '';
  if (request?.device === 'gpu') return `no worker on a GPU${labels && ` with the labels ${labels}`} runs it now`;
  const named = labels && ` with the labels ${labels}`;
  return `no worker${named} runs it now; start one: gradsmith worker${labels && ` --labels ${labels}`}${modules}`;
}
