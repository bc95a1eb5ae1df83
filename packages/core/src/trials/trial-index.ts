import type { JobRecord } from '../domain/job-record.ts';
import { listTrialIds } from '../domain/list-trial-ids.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { isSettled } from '../domain/trial-states.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** The fields of a trial that lists filter and sort by. */
export interface IndexedTrial {
  id: string;
  number: number | null;
  role: TrialRecord['role'];
  state: TrialRecord['state'];
  source: TrialRecord['source']['kind'];
  value: number | null;
  /** False if it violates the measured constraints. */
  feasible: boolean;
  settledAt: number | null;
  /** Sequence number of its last move. */
  seq: number;
}

interface IndexedJob {
  createdAt: number;
  seq: number;
  rewritten: number;
  rows: Map<string, IndexedTrial>;
  /** The rows in order, and sorted, as of a change of the job. */
  ordered: { seq: number; rows: IndexedTrial[]; sorted: Map<string, IndexedTrial[]> } | null;
  /** The update in progress; others wait for it instead of reading the same trials. */
  updating: Promise<unknown>;
}

/** Trials of all jobs that one index keeps, about 200 bytes each. */
const MAX_ROWS = 500_000;
const PAGE = 200;

/**
 * The small fields of all trials of a job, so that sorted lists read the records of one page only. Each trial is read
 * until it is settled, then never again unless the job says that a settled trial was changed.
 */
export class TrialIndex {
  readonly #ledger: Ledger;
  /** The least recently used first. */
  readonly #jobs = new Map<string, IndexedJob>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Returns all trials: search trials by number, then reference and confirm trials in order of creation. */
  async readRows(job: JobRecord): Promise<readonly IndexedTrial[]> {
    return (await this.#readOrdered(job)).rows;
  }

  /** As `readRows`, sorted. `key` names the comparison: requests between two changes of the job share the result. */
  async readSortedRows(
    job: JobRecord,
    key: string,
    compare: (a: IndexedTrial, b: IndexedTrial) => number,
  ): Promise<readonly IndexedTrial[]> {
    const { rows, sorted } = await this.#readOrdered(job);
    const known = sorted.get(key) ?? rows.toSorted(compare);
    sorted.set(key, known);
    return known;
  }

  async #readOrdered(job: JobRecord): Promise<NonNullable<IndexedJob['ordered']>> {
    const indexed = this.#find(job);
    const update = indexed.updating
      .catch(() => {})
      .then(async () => {
        if (indexed.ordered?.seq !== job.seq)
          indexed.ordered = { seq: job.seq, rows: await this.#update(indexed, job), sorted: new Map() };
        return indexed.ordered;
      });
    indexed.updating = update;
    return update;
  }

  #find(job: JobRecord): IndexedJob {
    const { id, createdAt, seq, rewritten } = job;
    const known = this.#jobs.get(id);
    const isSame = known?.createdAt === createdAt && known.rewritten === rewritten && known.seq <= seq;
    const indexed: IndexedJob = isSame
      ? known
      : { createdAt, seq, rewritten, rows: new Map(), ordered: null, updating: Promise.resolve() };
    indexed.seq = seq;
    this.#jobs.delete(id);
    this.#jobs.set(id, indexed);
    this.#forgetOldest();
    return indexed;
  }

  async #update({ rows }: IndexedJob, job: JobRecord): Promise<IndexedTrial[]> {
    const ids = listTrialIds(job);
    const open = ids.filter((id) => !isSettled(rows.get(id)?.state ?? 'pending'));
    for (let from = 0; from < open.length; from += PAGE) {
      for (const trial of await this.#ledger.readTrials(job.id, open.slice(from, from + PAGE)))
        rows.set(trial.id, toIndexedTrial(trial));
    }
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  #forgetOldest(): void {
    let count = [...this.#jobs.values()].reduce((sum, { rows }) => sum + rows.size, 0);
    for (const [id, { rows }] of this.#jobs) {
      if (count <= MAX_ROWS || this.#jobs.size === 1) return;
      this.#jobs.delete(id);
      count -= rows.size;
    }
  }
}

const indexes = new WeakMap<Ledger, TrialIndex>();

/** Returns the index of all callers that read through this ledger. */
export function getTrialIndex(ledger: Ledger): TrialIndex {
  const index = indexes.get(ledger) ?? new TrialIndex(ledger);
  indexes.set(ledger, index);
  return index;
}

function toIndexedTrial({ source, result, history, ...trial }: TrialRecord): IndexedTrial {
  const { id, number, role, state, settledAt, feasible = true } = trial;
  const seq = history.at(-1)![0];
  return { id, number, role, state, source: source.kind, value: result?.value ?? null, feasible, settledAt, seq };
}
