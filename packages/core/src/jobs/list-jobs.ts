import { jobIdPattern } from '../domain/job-id.ts';
import { jobStates } from '../domain/job-states.ts';
import type { Page } from '../domain/page.ts';
import type { Ledger, ListedJob } from '../ledger/ledger.ts';
import { matchesJobFilter, type JobFilter } from './job-filter.ts';
import { summarizeJob, type JobSummaryData } from './read-job-status.ts';

const sortKeys = {
  createdAt: ({ createdAt }: JobSummaryData) => createdAt,
  name: ({ name }: JobSummaryData) => name,
  state: ({ state }: JobSummaryData) => jobStates.indexOf(state),
  best: ({ best }: JobSummaryData) => best?.value ?? null,
  settled: ({ settled }: JobSummaryData) => settled,
};

type SortKey = keyof typeof sortKeys;
/** A sort key; with a minus sign for descending order. */
export type JobSort = SortKey | `-${SortKey}`;

/** Sort orders of job lists, the default first. */
export const jobSorts = [
  '-createdAt',
  'createdAt',
  'name',
  '-name',
  'state',
  'best',
  '-best',
  'settled',
  '-settled',
] as const satisfies readonly JobSort[];

export interface JobQuery extends JobFilter {
  sort?: JobSort | undefined;
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface JobPage extends Page<JobSummaryData> {
  /** Ids of the jobs that were skipped because their records cannot be read. */
  unreadable: string[];
}

/** Lists jobs that match the filter, newest first by default. Every matching job is found, however many there are. */
export async function listJobs(ledger: Ledger, query: JobQuery): Promise<JobPage> {
  const { sort = '-createdAt' } = query;
  return sort === '-createdAt' ? listNewestFirst(ledger, query) : listSorted(ledger, query, sort);
}

async function listNewestFirst(ledger: Ledger, { limit, cursor, ...filter }: JobQuery): Promise<JobPage> {
  const items: JobSummaryData[] = [];
  const unreadable: string[] = [];
  let last = cursor !== undefined && jobIdPattern.test(cursor) ? cursor : undefined;
  for await (const listed of ledger.readJobs({ after: last })) {
    const summary = summarizeListedJob(listed, filter);
    if (summary === 'unreadable') unreadable.push(listed.id);
    else if (summary) {
      if (items.length === limit) return { items, next: last ?? null, unreadable };
      items.push(summary);
    }
    last = listed.id;
  }
  return { items, next: null, unreadable };
}

async function listSorted(ledger: Ledger, { limit, cursor, ...filter }: JobQuery, sort: JobSort): Promise<JobPage> {
  const all: JobSummaryData[] = [];
  const unreadable: string[] = [];
  for await (const listed of ledger.readJobs()) {
    const summary = summarizeListedJob(listed, filter);
    if (summary === 'unreadable') unreadable.push(listed.id);
    else if (summary) all.push(summary);
  }
  all.sort(compareBy(sort));
  const from = /^\d{1,6}$/.test(cursor ?? '') ? Number(cursor) : 0;
  const next = from + limit;
  return { items: all.slice(from, next), next: next < all.length ? String(next) : null, unreadable };
}

/** Returns null for a job that was deleted or does not match. A record may decode and still lack fields. */
function summarizeListedJob({ view, corrupt }: ListedJob, filter: JobFilter): JobSummaryData | 'unreadable' | null {
  if (corrupt) return 'unreadable';
  try {
    return view && matchesJobFilter(view, filter) ? summarizeJob(view) : null;
  } catch {
    return 'unreadable';
  }
}

/** Jobs without the value come last in both orders. */
function compareBy(sort: JobSort): (a: JobSummaryData, b: JobSummaryData) => number {
  const sign = sort.startsWith('-') ? -1 : 1;
  const key = sortKeys[sort.replace('-', '') as SortKey];
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (x === y) return 0;
    return (x < y ? -1 : 1) * sign;
  };
}
