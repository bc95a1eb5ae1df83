import type { JobStatus, JobSummary, TrialResource } from '@gradsmith/contract';
import type { JobDocument, JobFilter } from '@gradsmith/core/jobs';
import type { JobSpec } from '@gradsmith/core/spec';

export interface Page<T> {
  items: T[];
  /** Cursor of the page after this one; null at the end. */
  next: string | null;
}

export interface JobQuery extends JobFilter {
  limit: number;
  cursor?: string;
}

export interface TrialQuery {
  limit: number;
  cursor?: string;
  state?: TrialResource['state'];
  role?: TrialResource['role'];
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

/** Where jobs live: the ledger in a folder, or a service. Commands work on either without knowing which. */
export interface Host {
  /** For people: the folder, or the address. */
  readonly name: string;
  /** How to name this host on the command line, such as `--data runs`; empty where it is the default. */
  readonly flags: string;
  list(query: JobQuery): Promise<Page<JobSummary>>;
  /** Throws NotFound, as all that take an id. */
  spec(id: string): Promise<JobSpec>;
  status(id: string): Promise<JobStatus>;
  /** Search trials by number, then reference and confirmations in order of issue. */
  trials(id: string, query: TrialQuery): Promise<Page<TrialResource>>;
  /** One trial with the loss of every step. */
  trial(id: string, trial: string): Promise<TrialResource & { curve: number[] }>;
  document(id: string): Promise<JobDocument>;
  /** Records a whole job under the id it had. Throws Conflict where another job has it. */
  importDocument(document: JobDocument): Promise<{ id: string; created: boolean }>;
  steer(id: string, move: Steer): Promise<JobStatus>;
  /** Raises the budget to `trials` in all. */
  extend(id: string, trials: number): Promise<JobStatus>;
  remove(id: string): Promise<void>;
  workers(id: string): Promise<LiveWorker[]>;
  close(): Promise<void>;
}

/** Every trial of a job, page by page. */
export async function allTrials(
  host: Host,
  id: string,
  query: Omit<TrialQuery, 'limit' | 'cursor'> = {},
): Promise<TrialResource[]> {
  const found: TrialResource[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<TrialResource> = await host.trials(id, {
      ...query,
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}
