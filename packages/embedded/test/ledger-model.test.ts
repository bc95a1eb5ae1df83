import type { LedgerStore, StoreChange } from '@gradsmith/core/ledger';
import { findModelDifference, ledgerModelTest } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { sqliteFile } from './helpers.ts';

ledgerModelTest('SQLite', sqliteFile);

/** Creates a store whose commits have one fault. */
async function createBrokenStore(
  change: (change: StoreChange) => StoreChange,
): Promise<{ store: LedgerStore; dispose(): Promise<void> }> {
  const backing = await sqliteFile();
  const store = await backing.open();
  const commitOrRead = store.commitOrRead.bind(store);
  store.commitOrRead = async (jobId, asked, names) => commitOrRead(jobId, change(asked), names);
  return {
    store,
    dispose: async () => {
      await store.close();
      await backing.dispose();
    },
  };
}

test.each([
  [
    'loses a field of some changes',
    (change: StoreChange) => ({
      ...change,
      writes: change.writes.length > 2 ? change.writes.slice(0, 2) : change.writes,
    }),
  ],
  [
    'loses every change of a trial after its first',
    (change: StoreChange) =>
      change.expected.some(([field, text]) => field.startsWith('trial:') && text !== null)
        ? { ...change, writes: change.writes.filter(([field]) => field === 'job') }
        : change,
  ],
] as const)('the model detects a store that %s, and shows it in a few calls', async (_, change) => {
  const { store, dispose } = await createBrokenStore(change);
  const difference = await findModelDifference(store, { runs: 50 });
  await dispose();
  expect(difference).toMatch(/Counterexample/);
  const calls = /Counterexample: \[(.*) \/\*replayPath/.exec(difference!)![1]!.split(',');
  expect(calls.length).toBeLessThan(12);
});
