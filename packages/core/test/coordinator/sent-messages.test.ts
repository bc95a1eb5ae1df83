import { expect, test } from 'vitest';
import { releaseTrial } from '../../src/trials/index.ts';
import { Driver } from '../support/driver.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

async function createWaitingJob(): Promise<{ world: World; driver: Driver; id: string }> {
  const world = new World();
  world.workers = [{ id: 'w', name: 'w', runtime: 'module-m', backend: 'module', slots: 2, busy: [] }];
  const id = await world.create(moduleJob({ trials: 6, maxParallelism: 2 }));
  const driver = new Driver(world, 'one');
  await driver.advance(id);
  return { world, driver, id };
}

test('does not look for a message that was just sent, and sends it again a second later if it was lost', async () => {
  const { world, driver, id } = await createWaitingJob();
  expect(driver.sent).toEqual([`${id}-0-0`, `${id}-1-0`]);
  world.queue.clear();
  driver.time += 999;
  await driver.advance(id);
  expect(driver.lookedFor).toEqual([]);
  driver.time += 1;
  await driver.advance(id);
  await driver.advance(id);
  expect(driver.lookedFor).toEqual([`${id}-0-0`, `${id}-1-0`]);
  expect(driver.sent.slice(2)).toEqual([`${id}-0-0`, `${id}-1-0`]);
});

test('sends the message of a trial that was released at once', async () => {
  const { world, driver, id } = await createWaitingJob();
  const [first] = await world.startTrials(id);
  await releaseTrial(world.ledger, first!, 'the worker was shut down');
  await driver.advance(id);
  expect(driver.sent.slice(2)).toEqual([`${id}-0-1`]);
});

test('another coordinator looks for every message', async () => {
  const { world, driver, id } = await createWaitingJob();
  driver.known.sent.delete(id);
  await driver.advance(id);
  expect(driver.lookedFor).toHaveLength(2);
  world.store.now += 60_000;
  const other = new Driver(world, 'two');
  await other.advance(id);
  expect(other.lookedFor).toEqual(driver.lookedFor);
});
