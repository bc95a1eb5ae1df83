import { suggestPoint } from '@gradsmith/bayesopt';
import { expect, test } from 'vitest';
import { extendJob } from '../../src/jobs/index.ts';
import { replayTrials } from '../../src/trials/index.ts';
import { invalidateTrial } from '../../src/trials/invalidate-trial.ts';
import { Driver } from '../support/driver.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

/** A job over few points, so that a suggestion that does not know all of them would repeat one. */
async function createSmallJob(trials: number): Promise<{ world: World; id: string }> {
  const world = new World();
  const spec = moduleJob({ trials, maxParallelism: 3 }, { k: { type: 'int', low: 1, high: 64 } });
  world.workers = [{ id: 'w', name: 'w', runtime: 'module-m', backend: 'module', slots: 4, busy: [] }];
  return { world, id: await world.create(spec) };
}

async function expectReplay(world: World, id: string, trials: number): Promise<void> {
  const { job, spec } = await world.ledger.readJob(id);
  const replayed = [...replayTrials(spec, await world.ledger.readAllTrials(job), suggestPoint, {})];
  expect(replayed).toHaveLength(trials);
  expect(replayed.filter(({ equal }) => equal !== true)).toEqual([]);
}

test('suggests without the history, and is replayed bit for bit', async () => {
  const { world, id } = await createSmallJob(24);
  const driver = new Driver(world, 'one');
  const read = world.ledger.readTrials.bind(world.ledger);
  const counts: number[] = [];
  world.ledger.readTrials = async (jobId, ids) => (counts.push(ids.length), read(jobId, ids));
  while ((await driver.advance(id)) === 'active') await world.work(id, Number);
  // Only the end of the job reads all trials.
  expect(counts.filter((count) => count > 3)).toEqual([24]);
  expect(driver.histories).toBe(0);
  await expectReplay(world, id, 24);
});

test('passes the history once half of the points were tried', async () => {
  const { world, id } = await createSmallJob(50);
  const driver = new Driver(world, 'one');
  while ((await driver.advance(id)) === 'active') await world.work(id, Number);
  expect(driver.histories).toBe(18);
  await expectReplay(world, id, 50);
});

test('follows results that were discarded, and trials of another coordinator', async () => {
  const { world, id } = await createSmallJob(18);
  const one = new Driver(world, 'one');
  const two = new Driver(world, 'two');
  const spend = async (driver: Driver): Promise<void> => {
    await driver.advance(id);
    await world.work(id, Number);
  };
  await spend(one);
  await spend(one);
  await invalidateTrial(world.ledger, id, '1', 'wrong data');
  await spend(one);
  world.store.now += 60_000;
  await spend(two);
  await spend(two);
  world.store.now += 60_000;
  while ((await one.advance(id)) === 'active') await world.work(id, Number);
  await extendJob(world.ledger, id, 21);
  while ((await one.advance(id)) === 'active') await world.work(id, Number);
  await expectReplay(world, id, 22);
});

test('forgets the design if a trial was not created', async () => {
  const { world, id } = await createSmallJob(9);
  const driver = new Driver(world, 'one');
  const commitOrRead = world.store.commitOrRead.bind(world.store);
  await driver.advance(id);
  await world.work(id, Number);
  world.store.commitOrRead = async () => Promise.reject(new Error('the store is away'));
  await expect(driver.advance(id)).rejects.toThrow('the store is away');
  world.store.commitOrRead = commitOrRead;
  while ((await driver.advance(id)) === 'active') await world.work(id, Number);
  await expectReplay(world, id, 9);
});
