import { jobStates, type JobState } from '../domain/job-states.ts';

/** What lists of jobs are filtered by that changes only when a client edits the job. */
export interface JobNames {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** What lists of jobs are filtered and sorted by that changes while the job runs. */
export interface JobProgress {
  state: JobState;
  settled: number;
  best: number | null;
}

/** A job in the index. */
export interface IndexedJob extends JobNames, JobProgress {
  id: string;
  createdAt: number;
}

export interface JobFilter {
  readonly state?: JobState | undefined;
  /** Part of the name. */
  readonly name?: string | undefined;
  /** The whole name. */
  readonly fullName?: string | undefined;
  /** Start of the id. */
  readonly idStart?: string | undefined;
  /** `key` or `key:value`; all must hold. */
  readonly labels?: readonly string[] | undefined;
}

/** A job's value by which a list is sorted; jobs without one come last. Of the same value, the newest comes first. */
const sortValues = {
  createdAt: ({ createdAt }: IndexedJob) => createdAt,
  name: ({ name }: IndexedJob) => name,
  state: ({ state }: IndexedJob) => jobStates.indexOf(state),
  best: ({ best }: IndexedJob) => best,
  settled: ({ settled }: IndexedJob) => settled,
} as const satisfies Record<string, (job: IndexedJob) => string | number | null>;

export type JobSortKey = keyof typeof sortValues;

export interface JobOrder {
  key: JobSortKey;
  isDescending: boolean;
}

/** Where a job is in a sorted list. It stays valid if the job changes or is deleted. */
export interface JobPosition {
  id: string;
  createdAt: number;
  value: string | number | null;
}

/** A part of the list of the jobs that match a filter. */
export interface FindQuery {
  filter: JobFilter;
  order: JobOrder;
  limit: number;
  /** List what comes after this position. */
  after?: JobPosition | undefined;
}

export interface FoundJobs {
  jobs: JobPosition[];
  /** Jobs that match the filter; null if counting them would take a look at each. */
  total: number | null;
  /** Ids of jobs that were met and have no valid names. They are not among `jobs`; see `LedgerStore.listUnnamed`. */
  unnamed: string[];
}

/** Lists the labels of a job as filters name them: each as `key` and as `key:value`. */
export function listLabelFilters(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => [key, `${key}:${value}`]);
}

export function matchesJobFilter(job: IndexedJob, filter: JobFilter): boolean {
  const { state, name, fullName, idStart, labels = [] } = filter;
  if (state !== undefined && job.state !== state) return false;
  if (name !== undefined && !job.name.includes(name)) return false;
  if (fullName !== undefined && job.name !== fullName) return false;
  if (idStart !== undefined && !job.id.startsWith(idStart)) return false;
  if (!labels.length) return true;
  const has = new Set(listLabelFilters(job.labels));
  return labels.every((label) => has.has(label));
}

export function getJobPosition(job: IndexedJob, { key }: JobOrder): JobPosition {
  return { id: job.id, createdAt: job.createdAt, value: sortValues[key](job) };
}

/** Compares the places of two jobs in a list. */
export function compareJobPositions(a: JobPosition, b: JobPosition, { key, isDescending }: JobOrder): number {
  if (key === 'createdAt') return isDescending ? compareAge(a, b) : compareAge(b, a);
  if (a.value === null || b.value === null) {
    const byValue = Number(a.value === null) - Number(b.value === null);
    return byValue || compareAge(a, b);
  }
  if (a.value === b.value) return compareAge(a, b);
  return a.value < b.value === isDescending ? 1 : -1;
}

function compareAge(a: JobPosition, b: JobPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

/** Finds jobs among all, all of which have names, for a storage that cannot sort them itself. */
export function selectJobs(jobs: readonly IndexedJob[], { filter, order, limit, after }: FindQuery): FoundJobs {
  const found = jobs
    .filter((job) => matchesJobFilter(job, filter))
    .map((job) => getJobPosition(job, order))
    .toSorted((a, b) => compareJobPositions(a, b, order));
  const rest = after ? found.filter((position) => compareJobPositions(position, after, order) > 0) : found;
  return { jobs: rest.slice(0, limit), total: found.length, unnamed: [] };
}
