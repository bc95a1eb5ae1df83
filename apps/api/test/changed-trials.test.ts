import { expect, test } from 'vitest';
import { externalJob, call, startService } from './support.ts';
import { create, work } from './work.ts';

const seqOf = async (app: Parameters<typeof call>[0], id: string): Promise<number> =>
  (await call(app, 'GET', `/v1/jobs/${id}/status`)).body.seq as number;

test('lists only the trials that have moved since a change, in order, page by page', async () => {
  const { app } = await startService();
  const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 12 } });
  const read = async (after: number, limit = 1_000) =>
    (await call(app, 'GET', `/v1/jobs/${id}/trials?after=${after}&limit=${limit}`)).body;
  // No trial is created while the job is paused.
  const steer = async (move: string) => (await call(app, 'POST', `/v1/jobs/${id}/${move}`)).body.seq as number;
  await work(app, id, ({ depth }) => depth!, 5);
  const seen = await steer('pause');
  expect(await read(seen)).toEqual({ items: [], next: null, seq: seen });
  await steer('resume');
  await work(app, id, ({ depth }) => depth!, 3);
  await steer('pause');
  const { items, next, seq } = await read(seen);
  const numbers = items.map(({ number }: { number: number }) => number);
  expect([next, seq]).toEqual([null, await seqOf(app, id)]);
  expect(numbers.filter((number: number) => number < 5)).toEqual([]);
  expect(numbers).toEqual(expect.arrayContaining([5, 6, 7]));

  const paged: string[] = [];
  for (let from = 0; ;) {
    const page = await read(from, 2);
    expect(page.items.length).toBeGreaterThan(0);
    paged.push(...page.items.map((trial: { id: string }) => trial.id));
    from = page.seq;
    if (page.next === null) break;
  }
  expect(paged.toSorted()).toEqual([...new Set(paged)].toSorted());
  expect(paged).toEqual((await read(0)).items.map((trial: { id: string }) => trial.id));
});

test('lists an invalidated trial, and all trials to a reader who is ahead of a new job of the same id', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!, 3);
  const seen = await seqOf(app, id);
  await call(app, 'POST', `/v1/jobs/${id}/trials/1/invalidate`, { reason: 'wrong data' });
  const { items } = (await call(app, 'GET', `/v1/jobs/${id}/trials?after=${seen}`)).body;
  expect(items).toContainEqual(expect.objectContaining({ id: '1', state: 'cancelled' }));
  const ahead = (await call(app, 'GET', `/v1/jobs/${id}/trials?after=1000000`)).body;
  expect(ahead.items.length).toBeGreaterThanOrEqual(3);
});

test('refuses filters together with `after`, and lists running trials by themselves', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!, 2);
  const refused = await call(app, 'GET', `/v1/jobs/${id}/trials?after=3&state=running`);
  expect([refused.status, refused.body.problems[0].pointer]).toEqual([422, '/after']);
  const attempt = crypto.randomUUID();
  const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '5s' });
  const running = (await call(app, 'GET', `/v1/jobs/${id}/trials?state=running`)).body;
  expect(running).toMatchObject({ items: [{ id: body.trial, state: 'running' }], next: null });
});
