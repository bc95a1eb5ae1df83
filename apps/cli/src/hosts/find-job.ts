import type { JobSummary } from '@gradsmith/contract';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from './host.ts';

const WHOLE_ID = /^job_[0-9a-f]{20}$/;
/** The beginning of an id, with or without its prefix. */
const ID_BEGINNING = /^(?:job_)?[0-9a-z]{1,20}$/;
/** Longest name that a service searches for. */
const MAX_NAME = 64;
const PAGE = 200;
/** Jobs that are read for one search. */
const MAX_SEARCHED = 20_000;
/** Number of jobs that an error message lists. */
const SHOWN = 5;

/**
 * Returns the id of the job that `meant` names: an id, a name (the newest job of this name), the beginning of an id, or
 * a part of one name. Without `meant`, returns the newest job. Throws Failure with a list of jobs if there is no such
 * job, or if several are possible.
 */
export async function findJob(host: Host, meant: string | undefined): Promise<string> {
  if (meant !== undefined && WHOLE_ID.test(meant)) return meant;
  const { items: newest } = await host.list({ limit: meant === undefined ? 1 : SHOWN });
  if (!newest.length) throw createNoJobs(host);
  if (meant === undefined) return newest[0]!.id;

  const containing: JobSummary[] = [];
  for await (const job of readJobs(host, meant.length > 0 && meant.length <= MAX_NAME ? meant : null)) {
    if (job.name === meant) return job.id;
    containing.push(job);
  }
  const matches = await listByBeginning(host, meant);
  if (matches.length === 1) return matches[0]!.id;
  if (matches.length) throw createAmbiguousJob(host, meant, matches);
  if (new Set(containing.map(({ name }) => name)).size === 1) return containing[0]!.id;
  throw containing.length ? createAmbiguousJob(host, meant, containing) : createUnknownJob(host, meant, newest);
}

/** Reads jobs, newest first: those with `name` in their name, none for null. */
async function* readJobs(host: Host, name: string | null | undefined): AsyncGenerator<JobSummary> {
  if (name === null) return;
  let cursor: string | undefined;
  let read = 0;
  do {
    const query = name === undefined ? {} : { name };
    const page = await host.list({ ...query, limit: PAGE, cursor });
    yield* page.items;
    read += page.items.length;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && read < MAX_SEARCHED);
}

/** Lists the first jobs whose id begins so; more than one is already too many. */
async function listByBeginning(host: Host, meant: string): Promise<JobSummary[]> {
  if (!ID_BEGINNING.test(meant)) return [];
  const found: JobSummary[] = [];
  for await (const job of readJobs(host, undefined)) {
    if (job.id.startsWith(meant) || job.id.startsWith(`job_${meant}`)) found.push(job);
    if (found.length === SHOWN) break;
  }
  return found;
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
    `${host.name} has no job ${meant}.\nThe newest are:\n${describeJobs(jobs)}\ngradsmith jobs lists all.`,
  );
}

function describeJobs(jobs: readonly JobSummary[]): string {
  return jobs
    .slice(0, SHOWN)
    .map(({ id, name, state }) => `  ${id}  ${name} (${state})`)
    .join('\n');
}
