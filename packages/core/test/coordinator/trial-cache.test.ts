import { expect, test } from 'vitest';
import { TrialCache } from '../../src/coordinator/trial-cache.ts';
import { invalidateTrial } from '../../src/trials/invalidate-trial.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

test('keeps so many settled trials at most, those of the jobs that were read last', async () => {
  const world = new World();
  const ids = ['1', '2', '3'].map((digit) => `job_${digit.repeat(20)}`);
  for (const id of ids) await world.create(job(), id);
  for (const id of ids) {
    await world.round();
    await world.work(id, () => 1);
  }
  const memory = new TrialCache(3);
  let reads = 0;
  const trials = world.ledger.readTrials.bind(world.ledger);
  world.ledger.readTrials = async (jobId, wanted) => ((reads += wanted.length), trials(jobId, wanted));
  const countReads = async (id: string): Promise<number> => {
    reads = 0;
    await memory.readAllTrials(world.ledger, (await world.ledger.readJob(id)).job);
    return reads;
  };
  const [first, second, third] = ids as [string, string, string];
  const all = await countReads(first);
  expect(all).toBeGreaterThan(2);
  expect(await countReads(first)).toBeLessThan(all);
  await countReads(second);
  await countReads(third);
  expect(await countReads(third)).toBeLessThan(all);
  expect(await countReads(first)).toBe(all);
});

test('reads settled trials once, open ones again, and all of them after one was rewritten', async () => {
  const world = new World();
  const id = await world.create(job());
  const memory = new TrialCache();
  const read: number[] = [];
  const trials = world.ledger.readTrials.bind(world.ledger);
  world.ledger.readTrials = async (jobId, ids) => (read.push(ids.length), trials(jobId, ids));
  const look = async () => memory.readAllTrials(world.ledger, (await world.ledger.readJob(id)).job);

  await world.round();
  await world.work(id, () => 1);
  await world.round();
  read.length = 0;
  const first = await look();
  expect(first).toEqual(
    await trials(
      id,
      first.map((trial) => trial.id),
    ),
  );
  const open = first.filter(({ settledAt }) => settledAt === null).length;
  expect(open).toBeGreaterThan(0);
  await look();
  expect(read).toEqual([first.length, open]);

  await invalidateTrial(world.ledger, id, '0', 'wrong data');
  read.length = 0;
  const after = await look();
  expect(read).toEqual([after.length]);
  expect(after.find((trial) => trial.id === '0')!.state).toBe('cancelled');
});
