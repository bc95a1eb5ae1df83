import type {
  EnqueuedResource,
  JobPage,
  JobResource,
  JobStatus,
  TrialResource,
  TrialDetail,
} from '@gradsmith/contract';
import type { Page } from '@gradsmith/core/domain';
import type { JobChanges, JobDocument, JobFilter, JobSort } from '@gradsmith/core/jobs';
import type { JobSpec } from '@gradsmith/core/spec';
import type { TrialQuery } from '@gradsmith/core/trials';

export type { TrialQuery } from '@gradsmith/core/trials';

export interface JobQuery extends JobFilter {
  sort?: JobSort;
  limit: number;
  cursor?: string | undefined;
}

export type Steer = 'cancel' | 'pause' | 'resume';

/** A process that runs trials, as far as the host knows. */
export interface LiveWorker {
  name: string;
  runtime: string;
  slots: number;
  /** Trials it runs now, as `<job>/<trial>`. */
  busy: string[];
}

export interface Changes {
  items: readonly TrialResource[];
  seq: number;
  hasMore: boolean;
}

/** Where jobs are stored: the ledger in a folder, or a service. Commands work with both. */
export interface Host {
  /** Folder or address, for messages. */
  readonly name: string;
  /** How to name this host on the command line, such as `--data runs`; empty if it is the default. */
  readonly flags: string;
  /** Whether the jobs are in a ledger on this machine, where only `gradsmith run` runs them. */
  readonly isLocal: boolean;
  list(query: JobQuery): Promise<JobPage>;
  /** Throws NotFound, like all methods that take an id. */
  spec(id: string): Promise<JobSpec>;
  /** The job as it was posted, with its present name and labels, and its notes. */
  job(id: string): Promise<JobResource>;
  status(id: string): Promise<JobStatus>;
  /** By default, search trials by number, then reference and confirmations as they were created. */
  trials(id: string, query: TrialQuery): Promise<Page<TrialResource>>;
  /** The trials that have moved since a change of the job, and the change to ask from next. */
  changedTrials(id: string, after: number): Promise<Changes>;
  /** One trial with the loss of every step. */
  trial(id: string, trial: string): Promise<TrialDetail>;
  document(id: string): Promise<JobDocument>;
  /** Reads the document as JSON, text by text, so that its size does not matter. */
  documentTexts(id: string): AsyncIterable<string>;
  /** Stores an exported job under its id. Throws Conflict if another job has this id. */
  importDocument(document: JobDocument): Promise<{ id: string; created: boolean }>;
  steer(id: string, move: Steer): Promise<JobStatus>;
  /** Raises the budget to `trials`, including the trials so far. */
  extend(id: string, trials: number): Promise<JobStatus>;
  /** Tries the point of a failed trial again. Throws Conflict if the trial did not fail. */
  retry(id: string, trial: string): Promise<EnqueuedResource>;
  /** Takes the result of a complete trial back. */
  invalidate(id: string, trial: string, reason: string): Promise<TrialResource>;
  /** Enqueues a point. Throws InvalidInput if the space does not have it. */
  enqueue(id: string, point: Readonly<Record<string, number | string | boolean>>): Promise<EnqueuedResource>;
  /** Changes name, labels, priority or notes. Throws InvalidInput for what is not valid. */
  edit(id: string, changes: JobChanges): Promise<void>;
  remove(id: string): Promise<void>;
  workers(id: string): Promise<LiveWorker[]>;
  close(): Promise<void>;
}

const PAGE = 500;

/** Reads all trials of a job that match the query, at most `most`. */
export async function readAllTrials(
  host: Host,
  id: string,
  { most = Infinity, ...query }: Omit<TrialQuery, 'limit' | 'cursor'> & { most?: number | undefined } = {},
): Promise<TrialResource[]> {
  const found: TrialResource[] = [];
  let cursor: string | undefined;
  do {
    const page = await host.trials(id, { ...query, limit: Math.min(PAGE, most - found.length), cursor });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  return found;
}
