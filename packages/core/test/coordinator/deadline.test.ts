import { expect, test } from 'vitest';
import { extendJob, readJobStatus, steerJob } from '../../src/jobs/index.ts';
import { startTrial, completeTrial } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { RUNTIME, World } from '../support/world.ts';

const spec = job({ limits: { deadline: '1h' } } as object);

test(
  'a job without a complete trial at its deadline fails with the reason; its trials are cancelled and late ' +
    'tells refused',
  async () => {
    const world = new World();
    const id = await world.create(spec);
    await world.round();
    const ref = { jobId: id, trialId: '0', attemptId: 'a' };
    await startTrial(world.ledger, ref, { worker: 'w', runtime: RUNTIME }, { leaseMs: 10 * 3_600_000 });
    world.store.now += 3_600_000;
    await world.round();
    expect((await world.ledger.readJob(id)).job.state).toBe('running');
    world.store.now += 1;
    await world.round();
    const { job: finished } = await world.ledger.readJob(id);
    expect(finished).toMatchObject({ state: 'failed', reason: 'not finished within its deadline of 1h', open: [] });
    expect(
      await completeTrial(world.ledger, ref, { outcome: 'complete', value: 1, metrics: {}, curve: '', provenance: {} }),
    ).toBe('stale');
  },
);

test('a paused job outlives its deadline and ends when it goes on', async () => {
  const world = new World();
  const id = await world.create(spec);
  await world.round();
  await steerJob(world.ledger, id, 'pause');
  world.store.now += 2 * 3_600_000;
  await world.round();
  expect((await world.ledger.readJob(id)).job.state).toBe('paused');
  await steerJob(world.ledger, id, 'resume');
  await world.round();
  expect((await world.ledger.readJob(id)).job.state).toBe('failed');
});

/** Works until the job is finished. */
async function finishJob(world: World, id: string): Promise<void> {
  do await world.round();
  while ((await world.work(id, () => 1)).length);
}

test(
  'a job that is extended has its deadline again from then on, its pace counts from then, and it completes ' +
    'with what it has',
  async () => {
    const world = new World();
    const id = await world.create(spec);
    await world.round();
    world.store.now += 30 * 60_000;
    await finishJob(world, id);
    expect(await readJobStatus(world.ledger, id, [])).toMatchObject({ state: 'completed', trialsPerMinute: 6 / 30 });
    world.store.now += 48 * 3_600_000;
    await extendJob(world.ledger, id, 20);
    await world.round();
    expect(await readJobStatus(world.ledger, id, [])).toMatchObject({
      state: 'running',
      trialsPerMinute: null,
      estimatedEnd: null,
    });
    await world.work(id, () => 1);
    world.store.now += 3_600_000;
    await world.round();
    const { job: going } = await world.ledger.readJob(id);
    const { state, trialsPerMinute } = await readJobStatus(world.ledger, id, []);
    expect([state, trialsPerMinute]).toEqual(['running', (going.counts.complete - 6) / 60]);
    expect(going.startedAt).toBe(1_000_000);
    world.store.now += 1;
    await world.round();
    // It has results, so it completes with them; the trials that are open are cancelled.
    expect((await world.ledger.readJob(id)).job).toMatchObject({
      state: 'completed',
      open: [],
      reason: 'not finished within its deadline of 1h',
    });
  },
);
