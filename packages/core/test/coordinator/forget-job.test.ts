import { PointDesign } from '@gradsmith/bayesopt';
import { expect, test, vi } from 'vitest';
import type { DesignState } from '../../src/coordinator/design-cache.ts';
import { buildSearchInputs } from '../../src/spec/search-inputs.ts';
import { Driver } from '../support/driver.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

/** A job that is led, and has no trial because there is no worker. `start` adds one and creates the first trials. */
async function leadJob(algorithm: 'gp' | 'random') {
  const world = new World();
  world.workers = [];
  const spec = moduleJob(
    { algorithm, trials: 40, maxParallelism: 8, initial: 4 },
    { x: { type: 'float', low: 0, high: 1 } },
  );
  const id = await world.create(spec);
  const driver = new Driver(world, 'one');
  await driver.advance(id);
  const { job, lease } = await world.ledger.readJob(id);
  const state: DesignState = { job, fence: lease!.fence };
  const start = async (): Promise<void> => {
    world.workers.push({ id: 'w', name: 'w', runtime: 'module-m', backend: 'module', slots: 8, busy: [] });
    await driver.advance(id);
  };
  const loseChanges = (): unknown => driver.known.seen.note({ ...job, seq: job.seq + 5 });
  return { world, spec, id, driver, state, start, loseChanges };
}

test.each([false, true])('a suggestion computed ahead is used unless changes were lost: %s', async (isLost) => {
  const { world, id, driver, state, start, loseChanges } = await leadJob('gp');
  const suggestion = { kind: 'point', source: 'initial', point: { x: 0.123 } } as const;
  driver.known.ahead.putBack(state, 0, [{ suggestion, seenSeq: state.job.seq, settled: 0 }]);
  if (isLost) loseChanges();
  await start();
  const trials = await world.ledger.readAllTrials((await world.ledger.readJob(id)).job);
  expect(trials).toHaveLength(8);
  expect(trials.some(({ point }) => point.x === 0.123)).toBe(!isLost);
});

test.each([false, true])('the design of a job is used unless changes were lost: %s', async (isLost) => {
  const { spec, driver, state, start, loseChanges } = await leadJob('random');
  const design = new PointDesign(buildSearchInputs(spec));
  const add = vi.spyOn(design, 'add');
  driver.known.designs.keep(state, design, 0);
  if (isLost) loseChanges();
  await start();
  expect(add).toHaveBeenCalledTimes(isLost ? 0 : 8);
});
