import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ledger, type StoreChange } from '../../src/ledger/index.ts';
import { TransitionGroups } from '../../src/ledger/transition-groups.ts';
import { moduleJob } from '../support/external.ts';
import { World } from '../support/world.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Groups whose commits meet the given numbers of conflicts, one after the other, and the start of each, ms. */
function createGroups(conflicts: number[]) {
  const starts: { at: number; size: number }[] = [];
  const groups = new TransitionGroups(async (_, group) => {
    starts.push({ at: performance.now(), size: group.length });
    return { answers: group.map(() => null), conflicts: conflicts.shift() ?? 0 };
  });
  return { groups, starts };
}

const transition = { needs: {}, decide: () => null };

test('starts a group at once while no commit is refused', async () => {
  const { groups, starts } = createGroups([]);
  await groups.add('a', transition);
  await Promise.all([groups.add('a', transition), groups.add('a', transition)]);
  expect(starts).toEqual([
    { at: 0, size: 1 },
    { at: 0, size: 2 },
  ]);
});

test('waits between groups after conflicts, so that more transitions share a commit', async () => {
  const { groups, starts } = createGroups([1, 2, 0]);
  await groups.add('a', transition);
  const second = groups.add('a', transition);
  await vi.advanceTimersByTimeAsync(1);
  const joined = groups.add('a', transition);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all([second, joined]);
  expect(starts.at(-1)).toEqual({ at: 2, size: 2 });
  for (let i = 0; i < 20; i++) {
    const next = groups.add('a', transition);
    await vi.advanceTimersByTimeAsync(20);
    await next;
  }
  const before = performance.now();
  await groups.add('a', transition);
  await groups.add('a', transition);
  expect(performance.now()).toBe(before);
});

test('does not wait in another job', async () => {
  const { groups, starts } = createGroups([1]);
  await groups.add('a', transition);
  await groups.add('b', transition);
  expect(starts.map(({ at }) => at)).toEqual([0, 0]);
});

test('decides again on what the refused commit returned, without another read', async () => {
  const world = new World();
  const id = await world.create(moduleJob());
  const store = world.store;
  const reads = vi.spyOn(store, 'read');
  const other = new Ledger(store);
  const commitOrRead = store.commitOrRead.bind(store);
  let isFirst = true;
  store.commitOrRead = async (jobId: string, change: StoreChange, names: readonly string[]) => {
    if (isFirst) {
      isFirst = false;
      await other.transact(jobId, {}, (draft) => draft.stopSearch('patience'));
      reads.mockClear();
    }
    return commitOrRead(jobId, change, names);
  };
  const seen: number[] = [];
  await world.ledger.transact(id, {}, (draft) => {
    seen.push(draft.job.seq);
    draft.job.seq += 1;
    draft.markChanged('job');
  });
  expect(seen).toEqual([0, 1]);
  // The store in memory answers a refusal by its own `read`.
  expect(reads).toHaveBeenCalledTimes(1);
  expect(world.ledger.counts).toEqual({ committed: 1, refused: 1 });
});
