import type { JobSummary } from '@gradsmith/contract';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from './host.ts';

const WHOLE_ID = /^job_[0-9a-f]{20}$/;
/** Number of the newest jobs that are searched for a name or the beginning of an id. */
const SEARCHED = 200;
/** Number of jobs that an error message lists. */
const SHOWN = 5;

/**
 * Returns the id of the job that `meant` names: an id, the beginning of an id, or a name (the newest job of this name).
 * Without `meant`, returns the newest job. Throws Failure with a list of jobs if there is no such job.
 */
export async function findJob(host: Host, meant: string | undefined): Promise<string> {
  if (meant !== undefined && WHOLE_ID.test(meant)) return meant;
  const { items } = await host.list({ limit: SEARCHED });
  if (!items.length)
    throw new Failure(
      exitCodes.notFound,
      'no-jobs',
      `there are no jobs in ${host.name} yet.\nRun one (gradsmith run FILE), submit one (gradsmith ` +
        `submit FILE --server URL), or look elsewhere with --data or --server.`,
    );
  if (meant === undefined) return items[0]!.id;
  const named = items.find(({ name }) => name === meant);
  if (named) return named.id;
  const matches = items.filter(({ id }) => id.startsWith(meant) || id.startsWith(`job_${meant}`));
  if (matches.length === 1) return matches[0]!.id;
  throw matches.length ? createAmbiguousJob(host, meant, matches) : createUnknownJob(host, meant, items);
}

function createAmbiguousJob(host: Host, meant: string, matches: readonly JobSummary[]): Failure {
  return new Failure(
    exitCodes.usage,
    'ambiguous-job',
    `${meant} may mean several jobs of ${host.name}.\nThese do:\n${describeJobs(matches)}\ngradsmith jobs lists all.`,
  );
}

function createUnknownJob(host: Host, meant: string, jobs: readonly JobSummary[]): Failure {
  return new Failure(
    exitCodes.notFound,
    'not-found',
    `${host.name} has no job ${meant}.\nThe newest are:\n${describeJobs(jobs)}\ngradsmith jobs lists all.`,
  );
}

function describeJobs(jobs: readonly JobSummary[]): string {
  return jobs
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${id}  ${name} (${state})`)
    .join('\n');
}
