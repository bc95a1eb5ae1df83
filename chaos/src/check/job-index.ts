import { jobStates, type JobState } from '@gradsmith/core/domain';
import type { FindQuery, JobFilter, LedgerStore } from '@gradsmith/core/ledger';

/** What the index of jobs says of one job. */
export interface IndexedAs {
  name: string | number | null;
  state: JobState | null;
  settled: string | number | null;
  best: string | number | null;
  /** States and labels by which lists find the job. */
  states: readonly JobState[];
  labels: readonly string[];
}

/** More jobs than a run has. */
const ALL = 100_000;
/** What lists can be sorted by: each place in a list says the job's value. */
const values = ['name', 'state', 'settled', 'best'] as const;

/**
 * Reads the index as lists of jobs do, without a look at the records of the jobs, and without naming jobs that it
 * misses.
 *
 * @param labels by which jobs are looked for, as filters name them
 */
export async function readJobIndex(store: LedgerStore, labels: Iterable<string>): Promise<Map<string, IndexedAs>> {
  const find = async (filter: JobFilter, key: FindQuery['order']['key'] = 'createdAt') =>
    (await store.find({ filter, order: { key, isDescending: false }, limit: ALL })).jobs;
  const index = new Map<string, { -readonly [K in keyof IndexedAs]: IndexedAs[K] }>();
  const getEntry = (id: string) => {
    const entry = index.get(id) ?? { name: null, state: null, settled: null, best: null, states: [], labels: [] };
    index.set(id, entry);
    return entry;
  };
  for (const key of values)
    for (const { id, value } of await find({}, key)) {
      if (key === 'state') getEntry(id).state = jobStates[Number(value)] ?? null;
      else getEntry(id)[key] = value;
    }
  for (const state of jobStates)
    for (const { id } of await find({ state })) getEntry(id).states = [...getEntry(id).states, state];
  for (const label of labels)
    for (const { id } of await find({ labels: [label] })) getEntry(id).labels = [...getEntry(id).labels, label];
  return index;
}
