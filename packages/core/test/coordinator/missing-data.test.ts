import { expect, test } from 'vitest';
import { createJob } from '../../src/jobs/index.ts';
import type { WorkerInfo } from '../../src/ports/index.ts';
import { releaseTrial } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { RUNTIME, World } from '../support/world.ts';

const id = 'job_00000000000000000000';
const lacks = [{ job: id, reason: 'mnist is not in the cache' }];

/**
 * Creates a job that asks for the label `bigdisk`. Its first trial was started and released, because the worker lacked
 * the data, as the workers announce now.
 */
async function createDeclinedJob(changes: readonly Partial<WorkerInfo>[]): Promise<World> {
  const world = new World();
  const [worker] = world.workers;
  world.workers = [{ ...worker!, labels: ['bigdisk'] }];
  await createJob(world.ledger, id, { ...job(), workers: { labels: ['bigdisk'] } });
  await world.round();
  for (const ref of await world.startTrials(id)) await releaseTrial(world.ledger, ref, 'no data');
  world.workers = changes.map((change, i) => ({ ...worker!, id: `w${i}`, ...change }));
  await world.round();
  return world;
}

test('fails a job whose data no worker with its labels has, although another worker of its runtime lives', async () => {
  const { ledger } = await createDeclinedJob([{ labels: ['bigdisk'], lacks }, {}]);
  expect((await ledger.readJob(id)).job).toMatchObject({
    state: 'failed',
    runtime: RUNTIME,
    reason: 'no live worker has its data. mnist is not in the cache',
  });
});

test('keeps a job while a worker that may execute its trials has the data', async () => {
  const { ledger } = await createDeclinedJob([
    { labels: ['bigdisk'], lacks },
    { labels: ['a100', 'bigdisk'] },
    { lacks },
  ]);
  expect((await ledger.readJob(id)).job).toMatchObject({ state: 'running' });
});
