import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreBench, type StoreBacking } from './bench.ts';
import { testCommits } from './commits.ts';
import { testFinds } from './finds.ts';
import { testLists } from './lists.ts';
import { testReads } from './reads.ts';
import { testRemovals } from './removals.ts';
import { testSecrets } from './secrets.ts';

/** Tests a LedgerStore. `make` creates an empty storage. */
export function storeConformance(name: string, make: () => Promise<StoreBacking>): void {
  describe(`${name}: ledger store`, () => {
    const bench = new StoreBench(make);
    beforeEach(async () => bench.open());
    afterEach(async () => bench.dispose());

    testReads(bench);
    testSecrets(bench);
    testCommits(bench);
    testRemovals(bench);
    testLists(bench);
    testFinds(bench);

    test('check passes on a healthy store', async () => {
      await bench.store.check();
    });

    test('is refused after close', async () => {
      const other = await bench.backing.open();
      await other.close();
      await expect(other.read('j', ['a'])).rejects.toThrow();
    });
  });
}
