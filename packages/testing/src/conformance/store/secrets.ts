import { describe, expect, test } from 'vitest';
import { listIds } from '../../list-ids.ts';
import { type StoreBench } from './bench.ts';

/** Tests the secret of a ledger. */
export function testSecrets(bench: StoreBench): void {
  describe('readSecret', () => {
    test('makes one secret for all connections that ask at once, and keeps it', async () => {
      const others = await Promise.all(Array.from({ length: 5 }, async () => bench.backing.open()));
      const secrets = await Promise.all([bench.store, ...others].map(async (one) => one.readSecret()));
      expect(new Set(secrets).size).toBe(1);
      expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
      for (const one of others) await one.close();
      const later = await bench.backing.open();
      expect(await later.readSecret()).toBe(secrets[0]);
      await later.close();
    });

    test('is different in every ledger, and no list shows it', async () => {
      const other = await bench.make();
      const another = await other.open();
      expect(await another.readSecret()).not.toBe(await bench.store.readSecret());
      await another.close();
      await other.dispose();
      expect(await listIds(bench.store)).toEqual([]);
      expect(await listIds(bench.store, { active: true })).toEqual([]);
    });
  });
}
