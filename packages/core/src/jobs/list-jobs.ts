import { createCursorError, type Page } from '../domain/page.ts';
import type { JobFilter, JobPosition, JobSortKey } from '../ledger/job-index.ts';
import type { ListedJob } from '../ledger/job-view.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { summarizeJob, type JobSummaryData } from './read-job-status.ts';

/** A sort key; with a minus sign for descending order. */
export type JobSort = JobSortKey | `-${JobSortKey}`;

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
  /** Jobs that match; null if counting them would take a look at each. */
  total: number | null;
  /** Ids of the jobs that were skipped because their records cannot be read. */
  unreadable: string[];
}

/**
 * Lists jobs that match the filter, newest first by default. Every matching job is found, however many there are, and
 * only the records of those of the page are read. By `createdAt`, a page takes as long as its jobs. In every other
 * order it takes as long as all jobs that match, because their entries of the index are sorted for each page.
 *
 * @throws Busy while the jobs of an earlier version are being named
 */
export async function listJobs(ledger: Ledger, query: JobQuery): Promise<JobPage> {
  const { sort = '-createdAt', limit, cursor, ...filter } = query;
  const order = { key: sort.replace('-', '') as JobSortKey, isDescending: sort.startsWith('-') };
  const after = cursor === undefined ? undefined : decodeCursor(cursor, sort);
  const found = await ledger.findJobs({ filter, order, limit: limit + 1, after });
  const { jobs, listed, total, unreadable } = found;
  const items: JobSummaryData[] = [];
  for (const job of listed.slice(0, limit)) {
    const summary = summarizeListedJob(job);
    if (summary === 'unreadable') unreadable.push(job.id);
    else if (summary) items.push(summary);
  }
  return { items, next: jobs.length > limit ? encodeCursor(jobs[limit - 1]!, sort) : null, total, unreadable };
}

/** Returns null for a job that was deleted. A record may decode and still lack fields. */
function summarizeListedJob({ view, corrupt }: ListedJob): JobSummaryData | 'unreadable' | null {
  if (corrupt) return 'unreadable';
  try {
    return view && summarizeJob(view);
  } catch {
    return 'unreadable';
  }
}

function encodeCursor({ value, createdAt, id }: JobPosition, sort: JobSort): string {
  const text = btoa(encodeURIComponent(JSON.stringify([value, createdAt, id, sort])));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Throws InvalidInput for a text that is no cursor of this order. Cursors of earlier versions do not name theirs. */
function decodeCursor(cursor: string, sort: JobSort): JobPosition {
  const [value, createdAt, id, own = sort] = readCursor(cursor);
  const isName = sort === 'name' || sort === '-name';
  const isValue = isName ? typeof value === 'string' : value === null || typeof value === 'number';
  if (!isValue || typeof createdAt !== 'number' || typeof id !== 'string' || own !== sort) throw createCursorError();
  return { value: value as JobPosition['value'], createdAt, id };
}

function readCursor(cursor: string): unknown[] {
  try {
    const read: unknown = JSON.parse(decodeURIComponent(atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}
