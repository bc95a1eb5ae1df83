import type { JobSummary } from '@gradsmith/contract';
import { jobIdPattern } from '@gradsmith/core/domain';
import { completeIdStart, idStartPattern } from '@gradsmith/core/jobs';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from './host.ts';

/** Without `job_`, the start of an id has at least three digits: a shorter text is rather the number of a trial. */
const ID_START = /^(?:job_|...)/;
/** Longest name that a service searches for. */
const MAX_NAME = 64;
/** Number of jobs that an error message lists. */
const SHOWN = 5;

/**
 * Returns the id of the job that `meant` names: an id, a name (the newest job of this name), the beginning of an id, or
 * a part of one name. Without `meant`, returns the newest job. Throws Failure with a list of jobs if there is no such
 * job, or if several are possible.
 */
export async function findJob(host: Host, meant: string | undefined): Promise<string> {
  if (meant !== undefined && jobIdPattern.test(meant)) return meant;
  const { items: newest } = await host.list({ limit: meant === undefined ? 1 : SHOWN });
  if (!newest.length) throw createNoJobs(host);
  if (meant === undefined) return newest[0]!.id;

  const isName = meant.length > 0 && meant.length <= MAX_NAME;
  const named = isName ? await host.list({ fullName: meant, limit: 1 }) : null;
  if (named?.items.length) return named.items[0]!.id;
  const matches =
    ID_START.test(meant) && idStartPattern.test(meant)
      ? (await host.list({ idStart: completeIdStart(meant), limit: SHOWN })).items
      : [];
  if (matches.length === 1) return matches[0]!.id;
  if (matches.length) throw createAmbiguousJob(host, meant, matches);
  const containing = isName ? (await host.list({ name: meant, limit: SHOWN })).items : [];
  if (containing.length && (await haveOneName(host, meant))) return containing[0]!.id;
  throw containing.length ? createAmbiguousJob(host, meant, containing) : createUnknownJob(host, meant, newest);
}

/** Returns whether all jobs with this in their name have the same name. */
async function haveOneName(host: Host, name: string): Promise<boolean> {
  // If the first and the last of them in the order of names have one name, all have it.
  const { items: first } = await host.list({ name, sort: 'name', limit: 1 });
  const { items: last } = await host.list({ name, sort: '-name', limit: 1 });
  return first[0]?.name === last[0]?.name;
}

function createNoJobs(host: Host): Failure {
  return new Failure(
    exitCodes.notFound,
    'no-jobs',
    `there are no jobs in ${host.name} yet.\nRun one (gradsmith run FILE), submit one (gradsmith ` +
      `submit FILE --server URL), or look elsewhere with --data or --server.`,
  );
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
    `${host.name} has no job ${meant === '' ? 'with an empty name' : meant}.\nThe newest are:\n` +
      `${describeJobs(jobs)}\ngradsmith jobs lists all.`,
  );
}

function describeJobs(jobs: readonly JobSummary[]): string {
  return jobs
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${id}  ${name} (${state})`)
    .join('\n');
}
