import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { externalJob } from '../../api/test/support.ts';
import { Follower } from '../src/follow/follower.ts';
import type { Host } from '../src/hosts/host.ts';

const makeTrial = (id: string, state: string, role = 'search'): TrialResource =>
  ({
    id,
    role,
    number: role === 'search' ? Number(id) : null,
    state,
    attempts: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    settledAt: state === 'complete' ? '2026-01-01T00:00:01.000Z' : null,
  }) as unknown as TrialResource;

test('reads all trials once, then those that have moved, and keeps their order', async () => {
  const calls: string[] = [];
  let seq = 7;
  const changes = new Map([[7, [makeTrial('0', 'complete'), makeTrial('2', 'running')]]]);
  const all = [makeTrial('0', 'running'), makeTrial('1', 'complete'), makeTrial('reference', 'complete', 'reference')];
  const host = {
    spec: async () => parseJob(externalJob),
    status: async () =>
      ({ id: 'job', seq, state: 'paused', counts: { running: 0 }, workers: 0 }) as unknown as JobStatus,
    trials: async () => {
      calls.push('trials');
      return { items: all, next: null };
    },
    changedTrials: async (_id: string, after: number) => {
      calls.push(`changes after ${after}`);
      return { items: changes.get(after) ?? [], seq, hasMore: false };
    },
  } as unknown as Host;
  const follower = new Follower(host, 'job', false);
  expect((await follower.look()).trials.map(({ id }) => id)).toEqual(['0', '1', 'reference']);
  await follower.look();
  expect(calls).toEqual(['trials']);
  seq = 9;
  const { trials, fresh } = await follower.look();
  expect(trials.map(({ id, state }) => `${id} ${state}`)).toEqual([
    '0 complete',
    '1 complete',
    '2 running',
    'reference complete',
  ]);
  expect(fresh.map(({ id }) => id)).toEqual(['0']);
  expect(calls).toEqual(['trials', 'changes after 7']);
  // The job was deleted and created again.
  seq = 2;
  await follower.look();
  expect(calls.at(-1)).toBe('trials');
});
