import type {
  FindQuery,
  IndexChange,
  JobFilter,
  JobNames,
  JobOrder,
  JobPosition,
  JobProgress,
} from '@gradsmith/core/ledger';
import { describe, expect, test } from 'vitest';
import { listAt, type StoreBench } from './bench.ts';

/** Tests that the index finds jobs by name, state and label. */
export function testFinds(bench: StoreBench): void {
  const { put } = bench;

  describe('find', () => {
    const newest = { key: 'createdAt', isDescending: true } as const;
    const find = async (filter: JobFilter, query: Partial<FindQuery> = {}): Promise<string[]> =>
      (await bench.store.find({ filter, order: newest, limit: 99, ...query })).jobs.map(({ id }) => id);

    /** Stores a job under its id as its name, unless another one is given. */
    const name = async (id: string, changes: Partial<IndexChange & JobNames & JobProgress> = {}): Promise<void> => {
      const { createdAt = 1, active = true, before, state = 'running', settled = 0, best = null } = changes;
      const index: IndexChange = { createdAt, active, progress: { state, settled, best } };
      index.names = { name: changes.name ?? id, labels: changes.labels ?? {} };
      if (before) index.before = before;
      expect(await bench.store.commit(id, { expected: [], writes: [['a', '1']], index })).toBe(true);
    };

    test('finds by part of the name, the whole name and the start of the id', async () => {
      await name('k1', { name: 'sweep: a', createdAt: 1 });
      await name('k2', { name: 'sweep', createdAt: 3 });
      await name('l3', { name: '100% of %', createdAt: 2 });
      expect(await find({})).toEqual(['k2', 'l3', 'k1']);
      expect(await find({ name: 'eep' })).toEqual(['k2', 'k1']);
      expect(await find({ name: ': ' })).toEqual(['k1']);
      expect(await find({ name: '%' })).toEqual(['l3']);
      expect(await find({ fullName: 'sweep' })).toEqual(['k2']);
      expect(await find({ fullName: 'swee' })).toEqual([]);
      expect(await find({ idStart: 'k' })).toEqual(['k2', 'k1']);
      expect(await find({ idStart: 'k', name: 'a' })).toEqual(['k1']);
      expect(await find({ name: 'Sweep' })).toEqual([]);
    });

    test('finds by state and labels, all of which must hold', async () => {
      await name('j', { labels: { team: 'vision', draft: '' }, createdAt: 1 });
      await name('k', { labels: { team: 'a:b' }, state: 'completed', active: false, createdAt: 2 });
      expect(await find({ labels: ['team'] })).toEqual(['k', 'j']);
      expect(await find({ labels: ['team:vision'] })).toEqual(['j']);
      expect(await find({ labels: ['team:a:b'] })).toEqual(['k']);
      expect(await find({ labels: ['team', 'draft'] })).toEqual(['j']);
      expect(await find({ labels: ['team', 'other'] })).toEqual([]);
      expect(await find({ state: 'completed' })).toEqual(['k']);
      expect(await find({ state: 'running', labels: ['team'], name: 'j' })).toEqual(['j']);
      expect(await find({ state: 'failed' })).toEqual([]);
    });

    test('follows a job from state to state and from name to name, and forgets a removed one', async () => {
      await name('j', { name: 'old', labels: { draft: '' } });
      await name('j', {
        name: 'new',
        labels: { done: '' },
        before: { state: 'running', names: { name: 'old', labels: { draft: '' } } },
      });
      expect([await find({ name: 'old' }), await find({ labels: ['draft'] })]).toEqual([[], []]);
      expect([await find({ name: 'new' }), await find({ labels: ['done'] })]).toEqual([['j'], ['j']]);
      const progress = { state: 'completed', settled: 4, best: 2 } as const;
      const index = { createdAt: 1, active: false, progress, before: { state: 'running' } } as const;
      await bench.store.commit('j', { expected: [], writes: [['a', '2']], index });
      expect([await find({ state: 'running' }), await find({ state: 'completed' })]).toEqual([[], ['j']]);
      expect(await find({ name: 'new' })).toEqual(['j']);
      await bench.store.remove('j');
      expect([await find({}), await find({ state: 'completed' }), await find({ labels: ['done'] })]).toEqual([
        [],
        [],
        [],
      ]);
    });

    test('does not find what a refused change would have named', async () => {
      await name('j', { name: 'first' });
      const progress = { state: 'failed', settled: 0, best: null } as const;
      const index = { createdAt: 1, active: false, progress, names: { name: 'second', labels: { x: '' } } };
      expect(await bench.store.commit('j', { expected: [['a', '9']], writes: [['a', '2']], index })).toBe(false);
      expect(await bench.store.commit('j', { expected: [['a', null]], writes: [['a', '2']], index })).toBe(false);
      expect([await find({ name: 'second' }), await find({ state: 'failed' }), await find({ labels: ['x'] })]).toEqual([
        [],
        [],
        [],
      ]);
      expect(await find({ name: 'first', state: 'running' })).toEqual(['j']);
    });

    test('pages in every order without losing or repeating a job; jobs without a value come last', async () => {
      await name('a', { createdAt: 10, name: 'beta', best: 3, settled: 0, state: 'running' });
      await name('b', { createdAt: 10, name: 'Zeta', best: null, settled: 2, state: 'failed' });
      await name('c', { createdAt: 20, name: 'alpha', best: 1e-9, settled: 10, state: 'queued' });
      await name('d', { createdAt: 30, name: 'beta', best: -2, settled: 9, state: 'running' });
      await name('e', { createdAt: 9, name: '10', best: 3, settled: 2, state: 'cancelled' });
      await name('f', { createdAt: 100, name: '9', best: null, settled: 0, state: 'completed' });
      // Of the same value, the newest comes first, and of the same time the greatest id.
      const expected = {
        '-createdAt': 'f d c b a e',
        createdAt: 'e a b c d f',
        name: 'e f b c d a',
        '-name': 'd a c b f e',
        best: 'd c a e f b',
        '-best': 'a e c d f b',
        settled: 'f a b e d c',
        '-settled': 'c d b e f a',
        state: 'c d a f b e',
        '-state': 'e b f d a c',
      };
      for (const [sort, ids] of Object.entries(expected)) {
        const order = { key: sort.replace('-', ''), isDescending: sort.startsWith('-') } as JobOrder;
        for (const limit of [1, 2, 5, 6, 99]) {
          const pages: JobPosition[][] = [];
          do pages.push((await bench.store.find({ filter: {}, order, limit, after: pages.at(-1)?.at(-1) })).jobs);
          while (pages.at(-1)!.length === limit);
          const paged = pages.flat().map(({ id }) => id);
          expect([sort, limit, paged.join(' ')]).toEqual([sort, limit, ids]);
        }
      }
    });

    test('counts what matches one filter, on all pages', async () => {
      for (let i = 0; i < 5; i++) await name(`j${i}`, { createdAt: i, state: i < 2 ? 'queued' : 'running' });
      const count = async (filter: JobFilter): Promise<number | null> =>
        (await bench.store.find({ filter, order: newest, limit: 1 })).total;
      expect([await count({}), await count({ state: 'queued' })]).toEqual([5, 2]);
    });

    const listUnnamed = async (): Promise<string[]> => {
      const ids: string[] = [];
      for await (const part of bench.store.listUnnamed()) ids.push(...part);
      return ids.toSorted();
    };

    test('lists jobs that an earlier version wrote, until they have names', async () => {
      await put('old', [['a', '1']]);
      await name('new');
      expect([await listUnnamed(), await find({})]).toEqual([['old'], ['new']]);
      await bench.store.commit('old', { expected: [], writes: [['a', '2']], index: listAt(1, false) });
      expect(await listUnnamed()).toEqual(['old']);
      await name('old');
      expect([await listUnnamed(), await find({})]).toEqual([[], ['old', 'new']]);
    });

    test('lists all of many unnamed jobs', async () => {
      const ids = Array.from({ length: 250 }, (_, i) => `job_${String(i).padStart(4, '0')}`);
      await Promise.all(ids.map(async (id) => put(id, [['a', '1']])));
      expect(await listUnnamed()).toEqual(ids);
    });

    test('counts a job as unnamed once an earlier version has changed it, until a change has its names', async () => {
      await name('j', { name: 'before', labels: { draft: '' } });
      await name('k');
      // An earlier version renamed and completed the job.
      await bench.store.commit('j', { expected: [], writes: [['a', '2']], index: listAt(1, false) });
      expect([await listUnnamed(), await find({})]).toEqual([['j'], ['k']]);
      // A change by this version that has no names does not tell which names it has now.
      const progress = { state: 'completed', settled: 4, best: 2 } as const;
      const index = { createdAt: 1, active: false, progress, before: { state: 'completed' } } as const;
      await bench.store.commit('j', { expected: [], writes: [['a', '3']], index });
      expect([await listUnnamed(), await find({})]).toEqual([['j'], ['k']]);
      await bench.store.commit('j', {
        expected: [],
        writes: [['a', '4']],
        index: {
          ...index,
          names: { name: 'after', labels: { done: '' } },
          before: { state: 'completed', names: { name: 'after', labels: { done: '' } } },
        },
      });
      expect(await listUnnamed()).toEqual([]);
      expect([await find({}), await find({ name: 'after' })]).toEqual([['k', 'j'], ['j']]);
      expect([await find({ state: 'completed' }), await find({ labels: ['done'] })]).toEqual([['j'], ['j']]);
      expect([await find({ state: 'running' }), await find({ labels: ['draft'] })]).toEqual([['k'], []]);
      const { total } = await bench.store.find({ filter: { labels: ['draft'] }, order: newest, limit: 9 });
      expect(total).toBe(0);
    });

    test('forgets a removed job that an earlier version had changed', async () => {
      await name('j', { labels: { draft: '' } });
      await bench.store.commit('j', { expected: [], writes: [['a', '2']], index: listAt(1, false) });
      await bench.store.remove('j');
      await name('j', { createdAt: 5, labels: { done: '' }, state: 'queued' });
      expect([await listUnnamed(), await find({ labels: ['draft'] }), await find({ state: 'running' })]).toEqual([
        [],
        [],
        [],
      ]);
      expect(await find({ state: 'queued', labels: ['done'] })).toEqual(['j']);
    });
  });
}
