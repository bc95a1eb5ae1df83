import { compareTrialValues } from '../domain/compare-trial-values.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { createCursorError, type Page } from '../domain/page.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getTrialIndex, type IndexedTrial } from './trial-index.ts';

/** Sort orders of trial lists, the default first; with a minus sign for descending order. */
export const trialSorts = ['number', '-number', 'value', '-value', 'settledAt', '-settledAt'] as const;
export type TrialSort = (typeof trialSorts)[number];

export interface TrialFilter {
  readonly state?: TrialRecord['state'] | undefined;
  readonly role?: TrialRecord['role'] | undefined;
  readonly source?: TrialRecord['source']['kind'] | undefined;
}

export interface TrialQuery extends TrialFilter {
  sort?: TrialSort | undefined;
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

/**
 * Lists the trials of a job that match the filter. By default, search trials come first, by number; the reference and
 * the confirmations follow. Sorted by value or time, trials without the field come last in both orders.
 *
 * @throws NotFound if there is no such job, InvalidInput for a cursor of no page
 */
export async function listTrials(ledger: Ledger, jobId: string, query: TrialQuery): Promise<Page<TrialRecord>> {
  const { job } = await ledger.readJob(jobId);
  const { sort = 'number', state } = query;
  // The job knows its open trials, which are few among up to a hundred thousand.
  if (sort === 'number' && (state === 'running' || state === 'pending')) return listOpen(ledger, job, query);
  return sort === 'number' || sort === '-number'
    ? listByNumber(ledger, job, query)
    : listByField(ledger, job, query, sort);
}

/** Reads the open trials only. The cursor is that of `listByNumber`, so that trials which settle move no other one. */
async function listOpen(ledger: Ledger, job: JobRecord, query: TrialQuery): Promise<Page<TrialRecord>> {
  const from = parseFrom(query.cursor, job);
  const places = job.open.map((id) => ({ id, place: findPlace(job, id) })).sort((a, b) => a.place - b.place);
  const ids = places.filter(({ place }) => place >= from).map(({ id }) => id);
  const all = (await ledger.readTrials(job.id, ids)).filter((trial) => matchesTrialFilter(trial, query));
  const items = all.slice(0, query.limit);
  return { items, next: items.length < all.length ? ASCENDING + all[items.length]!.id : null };
}

/** Returns the place of a trial in the order of `number`; -1 if there is no such trial. */
function findPlace({ nextNumber, extras }: JobRecord, id: string): number {
  const extra = extras.indexOf(id);
  if (extra >= 0) return nextNumber + extra;
  return /^\d{1,7}$/.test(id) && Number(id) < nextNumber ? Number(id) : -1;
}

/**
 * Reads the trials of the page only. The cursor names the next trial, because positions change when search trials are
 * created.
 */
async function listByNumber(ledger: Ledger, job: JobRecord, query: TrialQuery): Promise<Page<TrialRecord>> {
  const total = job.nextNumber + job.extras.length;
  const isDescending = query.sort === '-number';
  const getIdAt = (position: number): string => {
    const index = isDescending ? total - 1 - position : position;
    return index < job.nextNumber ? String(index) : job.extras[index - job.nextNumber]!;
  };
  const matching = await findMatching(ledger, job, query);
  const ids: string[] = [];
  let position = isDescending ? parseFromEnd(query.cursor, job) : parseFrom(query.cursor, job);
  for (; position < total && ids.length <= query.limit; position++) {
    const id = getIdAt(position);
    if (!matching || matching.has(id)) ids.push(id);
  }
  const next = ids[query.limit];
  const read = await ledger.readTrials(job.id, ids.slice(0, query.limit));
  return {
    // A trial may have moved after the job was read.
    items: read.filter((trial) => matchesTrialFilter(trial, query)),
    next: next === undefined ? null : (isDescending ? DESCENDING : ASCENDING) + next,
  };
}

/** Returns the ids of the trials that match; null if there is no filter. */
async function findMatching(ledger: Ledger, job: JobRecord, query: TrialQuery): Promise<Set<string> | null> {
  if (!query.state && !query.role && !query.source) return null;
  const rows = await getTrialIndex(ledger).readRows(job);
  return new Set(rows.filter((row) => matchesRow(row, query)).map(({ id }) => id));
}

/** Start the cursors of both orders by number. */
const [ASCENDING, DESCENDING] = ['number.', '-number.'];

/** Returns the position of the trial that the cursor names. Those of earlier versions are positions. */
function parseFrom(cursor: string | undefined, job: JobRecord): number {
  return cursor?.startsWith(ASCENDING) ? findCursor(job, cursor.slice(ASCENDING.length)) : parsePosition(cursor);
}

/** As `parseFrom`, counted from the last trial. */
function parseFromEnd(cursor: string | undefined, job: JobRecord): number {
  if (cursor === undefined) return 0;
  if (!cursor.startsWith(DESCENDING)) throw createCursorError();
  return job.nextNumber + job.extras.length - 1 - findCursor(job, cursor.slice(DESCENDING.length));
}

function findCursor(job: JobRecord, id: string): number {
  const place = findPlace(job, id);
  if (place < 0) throw createCursorError();
  return place;
}

/** The cursor is a position among the trials that match, so it names the order and the filter. */
async function listByField(
  ledger: Ledger,
  job: JobRecord,
  query: TrialQuery,
  sort: TrialSort,
): Promise<Page<TrialRecord>> {
  const start = `${[sort, query.state, query.role, query.source].join('.')}.`;
  if (query.cursor !== undefined && !query.cursor.startsWith(start)) throw createCursorError();
  const from = parsePosition(query.cursor?.slice(start.length));
  const order = sort.startsWith('-') ? 'descending' : 'ascending';
  const compare = (a: IndexedTrial, b: IndexedTrial): number =>
    sort.endsWith('value') ? compareTrialValues(a, b, order) : compareSettled(a, b, order);
  const rows = await getTrialIndex(ledger).readSortedRows(job, sort, compare);
  const all = rows.filter((row) => matchesRow(row, query));
  const next = from + query.limit;
  const ids = all.slice(from, next).map(({ id }) => id);
  return { items: await ledger.readTrials(job.id, ids), next: next < all.length ? start + String(next) : null };
}

function parsePosition(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,7}$/.test(cursor)) throw createCursorError();
  return Number(cursor);
}

function compareSettled(
  { settledAt: a }: IndexedTrial,
  { settledAt: b }: IndexedTrial,
  order: 'ascending' | 'descending',
): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (a - b) * (order === 'ascending' ? 1 : -1);
}

function matchesTrialFilter({ state, role, source }: TrialRecord, filter: TrialFilter): boolean {
  return matchesRow({ state, role, source: source.kind }, filter);
}

function matchesRow(
  row: Pick<IndexedTrial, 'state' | 'role' | 'source'>,
  { state, role, source }: TrialFilter,
): boolean {
  return (!state || row.state === state) && (!role || row.role === role) && (!source || row.source === source);
}
