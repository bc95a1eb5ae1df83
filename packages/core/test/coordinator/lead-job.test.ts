import { expect, test } from 'vitest';
import { leadJob } from '../../src/jobs/job-lease.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

test('writes the lease only after a part of it has passed', async () => {
  const world = new World();
  const id = await world.create(moduleJob());
  const readExpiry = async () => (await world.ledger.readJob(id)).lease!.expiresAt;
  const lead = async (owner: string) => (await leadJob(world.ledger, id, { owner, leaseMs: 12_000 })).kind;
  expect(await lead('one')).toBe('held');
  const first = await readExpiry();
  world.store.now += 1_999;
  expect(await lead('one')).toBe('held');
  expect(await lead('two')).toBe('taken');
  expect(await readExpiry()).toBe(first);
  world.store.now += 1;
  expect(await lead('one')).toBe('held');
  expect(await readExpiry()).toBe(first + 2_000);
  // A holder that was away longer than the lease renews it, and another one takes it over.
  world.store.now += 12_000;
  expect(await lead('two')).toBe('held');
  expect(await lead('one')).toBe('taken');
});
