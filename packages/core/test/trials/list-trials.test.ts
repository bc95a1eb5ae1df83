import { beforeAll, describe, expect, test } from 'vitest';
import { NotFound } from '../../src/domain/index.ts';
import type { Ledger } from '../../src/ledger/index.ts';
import {
  askTrial,
  completeTrial,
  failTrial,
  listTrials,
  readTrial,
  readTrialDetail,
  type TrialQuery,
} from '../../src/trials/index.ts';
import { outsideJob } from '../support/external.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

/** Values in the order of numbers; null fails the trial. */
const values = [0.3, null, 0.9, 0.1, 0.5, 0.7];

let ledger: Ledger;
let id: string;

beforeAll(async () => {
  const world = new World();
  ({ ledger } = world);
  id = await world.create(outsideJob());
  for (const value of values) {
    await world.round();
    world.store.now += 10;
    const attemptId = `a${world.store.now}`;
    const answer = await askTrial(ledger, id, attemptId, 'program', { leaseMs: 30_000 });
    if (answer.kind === 'none') throw new Error('no trial to ask for');
    const attempt = { jobId: id, trialId: answer.trial.id, attemptId };
    if (value === null) await failTrial(ledger, attempt, 'out of memory', { final: true });
    else await completeTrial(ledger, attempt, { outcome: 'complete', value, metrics: {}, curve: '', provenance: {} });
  }
});

async function listIds(query: Omit<TrialQuery, 'limit'>): Promise<string[]> {
  return (await listTrials(ledger, id, { ...query, limit: 100 })).items.map((trial) => trial.id);
}

describe('a list of trials', () => {
  test('is sorted by number by default, and in the order that is asked for', async () => {
    expect(await listIds({})).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(await listIds({ sort: '-number' })).toEqual(['5', '4', '3', '2', '1', '0']);
    // A trial without a value comes last in both orders.
    expect(await listIds({ sort: 'value' })).toEqual(['3', '0', '4', '5', '2', '1']);
    expect(await listIds({ sort: '-value' })).toEqual(['2', '5', '4', '0', '3', '1']);
    expect(await listIds({ sort: '-settledAt' })).toEqual(['5', '4', '3', '2', '1', '0']);
  });

  test('holds the trials that match every condition', async () => {
    expect(await listIds({ state: 'failed' })).toEqual(['1']);
    expect(await listIds({ state: 'complete', sort: '-value' })).toEqual(['2', '5', '4', '0', '3']);
    expect(await listIds({ role: 'reference' })).toEqual([]);
    expect(await listIds({ source: 'initial', state: 'failed' })).toEqual(['1']);
  });

  test.each(['number', '-number', 'value', 'settledAt'] as const)(
    'is read page by page without a repeat, sorted by %s',
    async (sort) => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listTrials(ledger, id, { sort, limit: 2, state: 'complete', cursor });
        expect(page.items.length).toBeLessThanOrEqual(2);
        found.push(...page.items.map((trial) => trial.id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(found).toEqual(await listIds({ sort, state: 'complete' }));
    },
  );

  test('refuses the cursor of another order or filter', async () => {
    const sorts = ['number', '-number', 'value', '-value', 'settledAt', '-settledAt'] as const;
    const queries: TrialQuery[] = sorts.map((sort) => ({ sort, limit: 2 }));
    queries.push({ sort: 'value', state: 'complete', limit: 2 }, { sort: 'value', source: 'initial', limit: 2 });
    for (const query of queries) {
      const { next } = await listTrials(ledger, id, query);
      for (const other of queries) {
        const page = listTrials(ledger, id, { ...other, cursor: next! });
        await (other === query ? expect(page).resolves.toBeDefined() : expect(page).rejects.toThrow('cursor'));
      }
    }
    for (const cursor of ['-number.9', '-number.reference', '-number.', '-number.x'])
      await expect(listTrials(ledger, id, { sort: '-number', limit: 2, cursor })).rejects.toThrow('cursor');
  });

  test('neither skips nor repeats trials of the pages that follow while trials settle and are created', async () => {
    const world = new World();
    const own = await world.create(outsideJob());
    const ask = async (attemptId: string) => askTrial(world.ledger, own, attemptId, 'program', { leaseMs: 30_000 });
    const list = async (query: Omit<TrialQuery, 'limit'>) => listTrials(world.ledger, own, { ...query, limit: 1 });
    await world.round();
    await ask('a');
    await ask('b');
    const open = await list({ state: 'running' });
    const newest = await list({ sort: '-number' });
    expect([open.items[0]!.id, newest.items[0]!.id]).toEqual(['0', '1']);
    await failTrial(world.ledger, { jobId: own, trialId: '0', attemptId: 'a' }, 'x', { final: true });
    await world.round();
    const rest = await list({ state: 'running', cursor: open.next! });
    expect([rest.items.map((trial) => trial.id), rest.next]).toEqual([['1'], null]);
    const older = await list({ sort: '-number', cursor: newest.next! });
    expect(older.items.map((trial) => trial.id)).toEqual(['0']);
  });

  test.each([undefined, 'pending'] as const)(
    'repeats and skips no reference while search trials are created (state %s)',
    async (state) => {
      const world = new World();
      const own = await world.create(job());
      await world.round();
      const ids = (await listTrials(world.ledger, own, { limit: 100 })).items.map((trial) => trial.id);
      expect(ids.at(-1)).toBe('reference');
      const first = await listTrials(world.ledger, own, { limit: ids.length - 1, state });
      await world.work(own, () => 1);
      await world.round();
      const rest = await listTrials(world.ledger, own, { limit: 100, cursor: first.next! });
      expect(rest.items.map((trial) => trial.id)).toEqual(['reference']);
      // A cursor of an earlier version is a position.
      const old = await listTrials(world.ledger, own, { limit: 1, cursor: '1' });
      expect(old.items.map((trial) => trial.id)).toEqual(['1']);
    },
  );

  test('of a job that does not exist is NotFound, and so is a trial that does not exist', async () => {
    await expect(listTrials(ledger, 'job_ffffffffffffffffffff', { limit: 1 })).rejects.toThrow(NotFound);
    await expect(readTrial(ledger, id, '99')).rejects.toThrow('trial 99');
    expect((await readTrial(ledger, id, '2')).result?.value).toBe(0.9);
    expect(await readTrialDetail(ledger, id, '2')).toMatchObject({ trial: { id: '2' }, curve: [] });
  });
});
