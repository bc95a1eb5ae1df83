import { NotFound } from '@gradsmith/core/domain';
import type {
  FindQuery,
  IndexChange,
  JobFilter,
  JobNames,
  JobOrder,
  JobPosition,
  JobProgress,
  LedgerStore,
} from '@gradsmith/core/ledger';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** One ledger's storage, which several connections may open at once. */
export interface StoreBacking {
  open(): Promise<LedgerStore>;
  dispose(): Promise<void>;
}

const at = (createdAt: number, active = true): { createdAt: number; active: boolean } => ({ createdAt, active });

/** Tests a LedgerStore. `make` creates an empty storage. */
export function storeConformance(name: string, make: () => Promise<StoreBacking>): void {
  describe(`${name}: ledger store`, () => {
    let backing: StoreBacking;
    let store: LedgerStore;
    beforeEach(async () => {
      backing = await make();
      store = await backing.open();
    });
    afterEach(async () => {
      await store.close();
      await backing.dispose();
    });

    const put = async (job: string, writes: [string, string][], createdAt = 1): Promise<boolean> =>
      store.commit(job, { expected: [], writes, index: at(createdAt) });
    const get = async (job: string, ...fields: string[]): Promise<(string | null)[]> =>
      (await store.read(job, fields)).values;

    describe('read', () => {
      test('answers null for what is not there', async () => {
        expect(await get('none', 'a', 'b')).toEqual([null, null]);
      });

      test('keeps the given order, including repeated names', async () => {
        await put('j', [
          ['a', '1'],
          ['b', '2'],
        ]);
        expect(await get('j', 'b', 'x', 'a', 'b')).toEqual(['2', null, '1', '2']);
        expect(await get('j')).toEqual([]);
      });

      test('returns the time, close to that of this process and monotonic', async () => {
        const { now } = await store.read('j', []);
        expect(Math.abs(now - Date.now())).toBeLessThan(5_000);
        expect(Number.isInteger(now)).toBe(true);
        expect((await store.read('j', ['a'])).now).toBeGreaterThanOrEqual(now);
      });

      test('returns any text unchanged', async () => {
        const texts = ['', ' ', '0', 'null', '{"a":"ü😀"}', 'a\r\nb\t$1\\', '\u2028', '-1', 'x'.repeat(1_000_000)];
        await put(
          'j',
          texts.map((text, i) => [`f${i}`, text]),
        );
        expect(await get('j', ...texts.map((_, i) => `f${i}`))).toEqual(texts);
      });

      test('reads thousands of fields in one step', async () => {
        const fields = Array.from({ length: 12_000 }, (_, i) => `trial:${i}`);
        for (let from = 0; from < fields.length; from += 1_000) {
          await put(
            'j',
            fields.slice(from, from + 1_000).map((field) => [field, field]),
          );
        }
        expect(await get('j', ...fields)).toEqual(fields);
      });
    });

    describe('readSecret', () => {
      test('makes one secret for all connections that ask at once, and keeps it', async () => {
        const others = await Promise.all(Array.from({ length: 5 }, async () => backing.open()));
        const secrets = await Promise.all([store, ...others].map(async (one) => one.readSecret()));
        expect(new Set(secrets).size).toBe(1);
        expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
        for (const one of others) await one.close();
        const later = await backing.open();
        expect(await later.readSecret()).toBe(secrets[0]);
        await later.close();
      });

      test('is different in every ledger, and no list shows it', async () => {
        const other = await make();
        const another = await other.open();
        expect(await another.readSecret()).not.toBe(await store.readSecret());
        await another.close();
        await other.dispose();
        expect(await store.list({ limit: 9 })).toEqual([]);
        expect(await store.list({ limit: 9, active: true })).toEqual([]);
      });
    });

    describe('commit', () => {
      test('writes every field while all expectations hold', async () => {
        await put('j', [['a', '1']]);
        const change = {
          expected: [
            ['a', '1'],
            ['b', null],
          ],
          writes: [
            ['a', '2'],
            ['b', '3'],
          ],
        } as const;
        expect(await store.commit('j', change)).toBe(true);
        expect(await get('j', 'a', 'b')).toEqual(['2', '3']);
      });

      test.each([4_000, 200_000])('writes %i fields in one step, as of an imported job', async (count) => {
        const writes = Array.from({ length: count }, (_, i): [string, string] => [`trial:${i}`, String(i)]);
        expect(await put('j', writes)).toBe(true);
        expect(
          (
            await store.read(
              'j',
              writes.map(([field]) => field),
            )
          ).values,
        ).toEqual(writes.map(([, text]) => text));
        expect(await store.list({ limit: 9 })).toEqual(['j']);
      });

      test.each([
        ['another text', [['a', '2']]],
        ['a missing field', [['b', '1']]],
        ['a field that should not be there', [['a', null]]],
        [
          'only the last of several',
          [
            ['a', '1'],
            ['b', null],
            ['c', '9'],
          ],
        ],
        ['a text that is a prefix', [['a', '']]],
      ] as [string, [string, string | null][]][])('writes nothing when it meets %s', async (_, expected) => {
        await put('j', [['a', '1']]);
        expect(
          await store.commit('j', {
            expected,
            writes: [
              ['a', 'new'],
              ['z', 'new'],
            ],
            index: at(9, false),
          }),
        ).toBe(false);
        expect(await get('j', 'a', 'z')).toEqual(['1', null]);
        expect(await store.list({ limit: 9, active: true })).toEqual(['j']);
      });

      test('answers false when the same change comes again', async () => {
        const change = { expected: [['a', null]], writes: [['a', '1']], index: at(1) } as const;
        expect(await store.commit('j', change)).toBe(true);
        expect(await store.commit('j', change)).toBe(false);
      });

      test('returns the current fields and the time with a refusal, and null with a commit', async () => {
        await put('j', [
          ['a', '1'],
          ['b', '2'],
        ]);
        const change = { expected: [['a', '0']], writes: [['a', '3']] } as const;
        const before = (await store.read('j', [])).now;
        const refusal = await store.commitOrRead('j', change, ['b', 'none', 'a']);
        expect(refusal?.values).toEqual(['2', null, '1']);
        expect(refusal?.now).toBeGreaterThanOrEqual(before);
        expect(await store.commitOrRead('j', change, [])).toEqual({ now: expect.any(Number), values: [] });
        expect(await store.commitOrRead('j', { ...change, expected: [['a', '1']] }, ['a'])).toBeNull();
        expect(await get('j', 'a', 'b')).toEqual(['3', '2']);
      });

      test('returns no field of a removed job', async () => {
        const change = { expected: [], writes: [['a', '3']] } as const;
        expect((await store.commitOrRead('none', change, ['a']))?.values).toEqual([null]);
      });

      test('keeps jobs apart', async () => {
        await put('j', [['a', '1']]);
        await put('k', [['a', '2']]);
        expect([await get('j', 'a'), await get('k', 'a')]).toEqual([['1'], ['2']]);
      });

      test('lets exactly one of many through, on several connections', async () => {
        await put('j', [['n', '0']]);
        const stores = await Promise.all(Array.from({ length: 4 }, () => backing.open()));
        const answers = await Promise.all(
          Array.from({ length: 32 }, (_, i) =>
            stores[i % 4]!.commit('j', { expected: [['n', '0']], writes: [['n', String(i + 1)]] }),
          ),
        );
        const winners = answers.flatMap((won, i) => (won ? [String(i + 1)] : []));
        expect(await get('j', 'n')).toEqual(winners);
        await Promise.all(stores.map((one) => one.close()));
      });

      test('counts right when several connections increment by reading and committing', async () => {
        await put('j', [['n', '0']]);
        const stores = await Promise.all(Array.from({ length: 4 }, () => backing.open()));
        const increment = async (one: LedgerStore): Promise<void> => {
          for (;;) {
            const { values } = await one.read('j', ['n']);
            if (
              await one.commit('j', { expected: [['n', values[0]!]], writes: [['n', String(Number(values[0]) + 1)]] })
            )
              return;
          }
        };
        await Promise.all(
          stores.map(async (one) => {
            for (let i = 0; i < 25; i++) await increment(one);
          }),
        );
        expect(await get('j', 'n')).toEqual(['100']);
        await Promise.all(stores.map((one) => one.close()));
      });

      test('never shows half of a change to a reader', async () => {
        await put('j', [
          ['a', '0'],
          ['b', '0'],
        ]);
        const other = await backing.open();
        const writing = new AbortController();
        const torn: unknown[] = [];
        const reader = (async () => {
          while (!writing.signal.aborted) {
            const { values } = await other.read('j', ['a', 'b']);
            if (values[0] !== values[1]) torn.push(values);
          }
        })();
        for (let i = 1; i <= 200; i++)
          await put('j', [
            ['a', String(i)],
            ['b', String(i)],
          ]);
        writing.abort();
        await reader;
        expect(torn).toEqual([]);
        await other.close();
      });

      test('is seen by every connection once it is acknowledged', async () => {
        const other = await backing.open();
        for (let i = 0; i < 20; i++) {
          await put('j', [['a', String(i)]]);
          expect((await other.read('j', ['a'])).values).toEqual([String(i)]);
        }
        await other.close();
      });
    });

    describe('remove', () => {
      test('takes the job from everywhere, and no other', async () => {
        await put('j', [['a', '1']]);
        await put('k', [['a', '1']]);
        await store.remove('j');
        expect(await get('j', 'a')).toEqual([null]);
        expect(await store.list({ limit: 9 })).toEqual(['k']);
        expect(await store.list({ limit: 9, active: true })).toEqual(['k']);
      });

      test('is no error for a job that is not there', async () => {
        await store.remove('none');
        await put('j', [['a', '1']]);
        await store.remove('j');
        await store.remove('j');
      });

      test('is not undone by a change of the job that was on its way', async () => {
        await put('j', [['a', '1']]);
        await store.remove('j');
        expect(await store.commit('j', { expected: [['lease', null]], writes: [['lease', 'x']] })).toBe(false);
        expect(await get('j', 'lease')).toEqual([null]);
      });

      test('with an expectation, happens only while the job is as expected', async () => {
        await put('j', [['a', '2']]);
        expect(await store.remove('j', ['a', '1'])).toBe(false);
        expect(await store.remove('j', ['b', '2'])).toBe(false);
        expect(await get('j', 'a')).toEqual(['2']);
        expect(await store.remove('j', ['a', '2'])).toBe(true);
        expect(await get('j', 'a')).toEqual([null]);
        expect(await store.list({ limit: 9 })).toEqual([]);
        expect(await store.remove('j', ['a', '2'])).toBe(false);
      });

      test('leaves the id free for a new job', async () => {
        await put('j', [['a', '1']], 1);
        await store.remove('j');
        expect(await store.commit('j', { expected: [['a', null]], writes: [['a', '2']], index: at(5) })).toBe(true);
        expect(await store.list({ limit: 9 })).toEqual(['j']);
      });
    });

    describe('list', () => {
      test('is empty at first', async () => {
        expect(await store.list({ limit: 9 })).toEqual([]);
        expect(await store.list({ limit: 9, active: true })).toEqual([]);
      });

      test('goes from the newest to the oldest, page by page', async () => {
        const order = [3, 1, 10, 2, 1_700_000_000_000, 9];
        for (const createdAt of order) await put(`j${createdAt}`, [['a', '1']], createdAt);
        const wanted = order.sort((a, b) => b - a).map((createdAt) => `j${createdAt}`);
        expect(await store.list({ limit: 9 })).toEqual(wanted);
        expect(await pages(2, false)).toEqual(wanted);
        expect(await pages(2, true)).toEqual(wanted);
      });

      test('pages through jobs of the same time without losing or repeating one', async () => {
        const ids = Array.from({ length: 11 }, (_, i) => `job_${i}`);
        for (const id of ids) await put(id, [['a', '1']], 7);
        const found = await pages(3, false);
        expect(found).toHaveLength(11);
        expect(new Set(found)).toEqual(new Set(ids));
      });

      test('follows a job out of and back into the active ones', async () => {
        await put('j', [['a', '1']]);
        await put('k', [['a', '1']], 2);
        await store.commit('j', { expected: [['a', '1']], writes: [['a', '2']], index: at(1, false) });
        expect(await store.list({ limit: 9, active: true })).toEqual(['k']);
        expect(await store.list({ limit: 9 })).toEqual(['k', 'j']);
        await store.commit('j', { expected: [['a', '2']], writes: [['a', '3']], index: at(1) });
        expect(await store.list({ limit: 9, active: true })).toEqual(['k', 'j']);
      });

      test('continues after a job that is no longer active', async () => {
        for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) await put(id, [['f', '1']], i);
        expect(await store.list({ limit: 2, active: true })).toEqual(['d', 'c']);
        await store.commit('c', { expected: [], writes: [['f', '2']], index: at(2, false) });
        expect(await store.list({ limit: 2, active: true, after: 'c' })).toEqual(['b', 'a']);
      });

      test('throws if the job to continue after is unknown', async () => {
        await put('j', [['a', '1']]);
        await expect(store.list({ limit: 9, after: 'none' })).rejects.toThrow(NotFound);
      });

      const pages = async (limit: number, active: boolean): Promise<string[]> => {
        const found: string[] = [];
        for (;;) {
          const after = found.at(-1);
          const page = await store.list({ limit, active, after });
          expect(page.length).toBeLessThanOrEqual(limit);
          found.push(...page);
          if (page.length < limit) return found;
        }
      };
    });

    describe('find', () => {
      const newest = { key: 'createdAt', isDescending: true } as const;
      const find = async (filter: JobFilter, query: Partial<FindQuery> = {}): Promise<string[]> =>
        (await store.find({ filter, order: newest, limit: 99, ...query })).jobs.map(({ id }) => id);

      /** Stores a job under its id as its name, unless another one is given. */
      const name = async (id: string, changes: Partial<IndexChange & JobNames & JobProgress> = {}): Promise<void> => {
        const { createdAt = 1, active = true, before, state = 'running', settled = 0, best = null } = changes;
        const index: IndexChange = { createdAt, active, progress: { state, settled, best } };
        index.names = { name: changes.name ?? id, labels: changes.labels ?? {} };
        if (before) index.before = before;
        expect(await store.commit(id, { expected: [], writes: [['a', '1']], index })).toBe(true);
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
        await store.commit('j', { expected: [], writes: [['a', '2']], index });
        expect([await find({ state: 'running' }), await find({ state: 'completed' })]).toEqual([[], ['j']]);
        expect(await find({ name: 'new' })).toEqual(['j']);
        await store.remove('j');
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
        expect(await store.commit('j', { expected: [['a', '9']], writes: [['a', '2']], index })).toBe(false);
        expect(await store.commit('j', { expected: [['a', null]], writes: [['a', '2']], index })).toBe(false);
        expect([
          await find({ name: 'second' }),
          await find({ state: 'failed' }),
          await find({ labels: ['x'] }),
        ]).toEqual([[], [], []]);
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
            do pages.push((await store.find({ filter: {}, order, limit, after: pages.at(-1)?.at(-1) })).jobs);
            while (pages.at(-1)!.length === limit);
            const paged = pages.flat().map(({ id }) => id);
            expect([sort, limit, paged.join(' ')]).toEqual([sort, limit, ids]);
          }
        }
      });

      test('counts what matches one filter, on all pages', async () => {
        for (let i = 0; i < 5; i++) await name(`j${i}`, { createdAt: i, state: i < 2 ? 'queued' : 'running' });
        const count = async (filter: JobFilter): Promise<number | null> =>
          (await store.find({ filter, order: newest, limit: 1 })).total;
        expect([await count({}), await count({ state: 'queued' })]).toEqual([5, 2]);
      });

      const listUnnamed = async (): Promise<string[]> => {
        const ids: string[] = [];
        for await (const part of store.listUnnamed()) ids.push(...part);
        return ids.toSorted();
      };

      test('lists jobs that an earlier version wrote, until they have names', async () => {
        await put('old', [['a', '1']]);
        await name('new');
        expect([await listUnnamed(), await find({})]).toEqual([['old'], ['new']]);
        await store.commit('old', { expected: [], writes: [['a', '2']], index: at(1, false) });
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
        await store.commit('j', { expected: [], writes: [['a', '2']], index: at(1, false) });
        expect([await listUnnamed(), await find({})]).toEqual([['j'], ['k']]);
        // A change by this version that has no names does not tell which names it has now.
        const progress = { state: 'completed', settled: 4, best: 2 } as const;
        const index = { createdAt: 1, active: false, progress, before: { state: 'completed' } } as const;
        await store.commit('j', { expected: [], writes: [['a', '3']], index });
        expect([await listUnnamed(), await find({})]).toEqual([['j'], ['k']]);
        await store.commit('j', {
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
        const { total } = await store.find({ filter: { labels: ['draft'] }, order: newest, limit: 9 });
        expect(total).toBe(0);
      });

      test('forgets a removed job that an earlier version had changed', async () => {
        await name('j', { labels: { draft: '' } });
        await store.commit('j', { expected: [], writes: [['a', '2']], index: at(1, false) });
        await store.remove('j');
        await name('j', { createdAt: 5, labels: { done: '' }, state: 'queued' });
        expect([await listUnnamed(), await find({ labels: ['draft'] }), await find({ state: 'running' })]).toEqual([
          [],
          [],
          [],
        ]);
        expect(await find({ state: 'queued', labels: ['done'] })).toEqual(['j']);
      });
    });

    test('check passes on a healthy store', async () => {
      await store.check();
    });

    test('is refused after close', async () => {
      const other = await backing.open();
      await other.close();
      await expect(other.read('j', ['a'])).rejects.toThrow();
    });
  });
}
