import { expect, test } from 'vitest';
import { editJob } from '../../src/jobs/index.ts';
import { claimNotification, settleNotification } from '../../src/notifications/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

test('a new best has its own tries: it is not given up because an older one could not be delivered', async () => {
  const world = new World();
  const spec = job({ search: { maxParallelism: 1 }, webhooks: [{ url: 'https://example.org/hook' }] } as object);
  const id = await world.create(spec);
  const failOnce = async (): Promise<[number, string]> => {
    world.store.now += 100_000_000;
    const { notification } = await claimNotification(world.ledger, id, 1000);
    return [notification!.tries, await settleNotification(world.ledger, notification!, { kind: 'failed' })];
  };
  const completeTrialWith = async (value: number): Promise<void> => {
    await world.round();
    await world.work(id, () => value);
  };
  await completeTrialWith(9); // the reference, and trial 0
  await completeTrialWith(5);
  for (let tries = 1; tries < 30; tries++) expect(await failOnce()).toEqual([tries, 'retry']);
  await completeTrialWith(1);
  for (let tries = 1; tries < 30; tries++) expect(await failOnce()).toEqual([tries, 'retry']);
  expect(await failOnce()).toEqual([30, 'given-up']);
});

test('claims the job with its changed name and labels, at the time of the ledger', async () => {
  const world = new World();
  const spec = job({ search: { maxParallelism: 1 }, webhooks: [{ url: 'https://example.org/hook' }] } as object);
  const id = await world.create(spec);
  for (const value of [9, 5]) {
    await world.round(); // the reference, then trial 0
    await world.work(id, () => value);
  }
  await editJob(world.ledger, id, { name: 'renamed', labels: { team: 'vision' } });
  world.store.now += 3_600_000;
  const { notification } = await claimNotification(world.ledger, id, 1000);
  expect(notification).toMatchObject({
    kind: 'best',
    spec: { name: 'renamed', labels: { team: 'vision' } },
    now: world.store.now,
  });
});
