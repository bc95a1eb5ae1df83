import { expect, test } from 'vitest';
import { extendJob, readJobStatus, steerJob, summarizeJob, type JobSummaryData } from '../../src/jobs/index.ts';
import { invalidateTrial } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const value = (id: string): number => {
  if (id === 'reference') return 10;
  const [, repeated, seed] = /^confirm-(\w+)-(\d)$/.exec(id) ?? [];
  if (repeated === undefined) return 9 - Number(id);
  return (repeated === 'reference' ? 10 : 9 - Number(repeated)) + Number(seed) ** (repeated === '5' ? 2 : 1);
};

async function finishJob(world: World, id: string): Promise<void> {
  do await world.round();
  while ((await world.work(id, value)).length);
}

async function summarize(world: World, id: string): Promise<JobSummaryData> {
  return summarizeJob(await world.ledger.readJob(id));
}

/** What the status computes from the trials. */
async function readGain(world: World, id: string): Promise<unknown> {
  const { best, confirmed } = await readJobStatus(world.ledger, id, []);
  const found = confirmed.find(({ number }) => number === best?.number);
  return found ? { mean: found.mean, interval: found.interval, seeds: found.gains.length } : null;
}

test('a summary has the gains of the best trial without reading a trial, also after it is invalidated', async () => {
  const world = new World();
  const id = await world.create(job());
  await finishJob(world, id);
  expect(await summarize(world, id)).toMatchObject({
    state: 'completed',
    best: { trial: '5', value: 4 },
    searchGain: 6,
    confirmedGain: { seeds: 3, mean: 16 / 3 },
    improvements: [0, 1, 2, 3, 4, 5].map((n) => [n + 1, 9 - n]),
  });
  expect((await summarize(world, id)).confirmedGain).toEqual(await readGain(world, id));

  await invalidateTrial(world.ledger, id, '5', 'a wrong measurement');
  expect(await summarize(world, id)).toMatchObject({ best: { trial: '4' }, confirmedGain: { mean: 5, seeds: 3 } });
  expect((await summarize(world, id)).confirmedGain).toEqual(await readGain(world, id));
  expect((await summarize(world, id)).improvements.at(-1)).toEqual([5, 5]);
});

test('a summary has the time left at the pace of the latest trials', async () => {
  const world = new World();
  const id = await world.create(job({ search: { trials: 100, maxParallelism: 1, initial: 100 } }));
  const settleOne = async (afterMs: number): Promise<void> => {
    await world.round();
    world.store.now += afterMs;
    await world.work(id, value);
  };
  expect(await summarize(world, id)).toMatchObject({ timeLeftMs: null, trialsPerMinute: null, improvements: [] });
  // The reference comes first.
  for (let n = 0; n < 21; n++) await settleOne(60_000);
  expect((await summarize(world, id)).trialsPerMinute).toBeCloseTo(1);
  for (let n = 0; n < 16; n++) await settleOne(10_000);
  const { trialsPerMinute, timeLeftMs, settled } = await summarize(world, id);
  expect(trialsPerMinute).toBeCloseTo(6);
  // Three seeds of the reference and of two points are confirmed.
  expect(timeLeftMs).toBe((100 - settled + 9) * 10_000);
  world.store.now += 10 * 60_000;
  expect((await summarize(world, id)).trialsPerMinute).toBeLessThan(1.5);
});

test('a summary has the same time left after a pause as before it', async () => {
  const world = new World();
  const id = await world.create(job({ search: { trials: 100, maxParallelism: 1, initial: 100 } }));
  for (let n = 0; n < 5; n++) {
    await world.round();
    world.store.now += 2_000;
    await world.work(id, value);
  }
  const { timeLeftMs } = await summarize(world, id);
  await steerJob(world.ledger, id, 'pause');
  world.store.now += 60_000;
  const paused = await summarize(world, id);
  await steerJob(world.ledger, id, 'resume');
  expect((await summarize(world, id)).timeLeftMs).toBe(timeLeftMs);
  expect(paused).toMatchObject({ timeLeftMs: null, trialsPerMinute: 30 });
});

test('the time left includes the confirmations, and ends with them', async () => {
  const world = new World();
  const id = await world.create(job({ search: { trials: 6, maxParallelism: 1 } }));
  await world.round();
  const left: (number | null)[] = [];
  // The reference, six search trials, and three seeds of the reference and of two points.
  for (let n = 0; n < 16; n++) {
    world.store.now += 1_000;
    expect(await world.work(id, value)).toHaveLength(1);
    await world.round();
    left.push((await summarize(world, id)).timeLeftMs);
  }
  expect(left).toEqual([...Array.from({ length: 15 }, (_, n) => (15 - n) * 1_000), null]);
  expect(await summarize(world, id)).toMatchObject({ state: 'completed' });
});

test('a job that is extended has no gain of its new best trial before that is confirmed', async () => {
  const world = new World();
  const id = await world.create(job());
  await finishJob(world, id);
  await extendJob(world.ledger, id, 7);
  await world.round();
  await world.work(id, value);
  expect(await summarize(world, id)).toMatchObject({ best: { trial: '6' }, confirmedGain: null });
  await finishJob(world, id);
  expect((await summarize(world, id)).confirmedGain).toEqual(await readGain(world, id));
});
