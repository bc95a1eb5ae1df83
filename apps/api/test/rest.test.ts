import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { call, callWith, externalJob, startApi, startService, validJob } from './support.ts';
import { create, work } from './work.ts';

const depth = ({ depth }: Record<string, number>): number => depth!;

describe('status', () => {
  test('is not sent again if nothing has changed', async () => {
    const { app } = await startApi();
    const id = await create(app, externalJob);
    const first = await call(app, 'GET', `/v1/jobs/${id}/status`);
    const etag = String(first.headers.etag);
    const again = await callWith(app, 'GET', `/v1/jobs/${id}/status`, {
      headers: { 'if-none-match': `"other", ${etag}` },
    });
    expect([again.status, again.text]).toEqual([304, '']);
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    const changed = await callWith(app, 'GET', `/v1/jobs/${id}/status`, { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });

  test('changes its ETag when a worker starts that can run the job', async () => {
    const { app, workers } = await startApi();
    const id = await create(app, validJob);
    const { headers } = await call(app, 'GET', `/v1/jobs/${id}/status`);
    await workers.announce(
      {
        id: 'w',
        name: 'w',
        runtime: 'wasm',
        backend: 'wasm',
        device: 'cpu',
        slots: 2,
        busy: [`${id}/0`],
        lacks: [{ job: 'job_a', reason: 'no data' }],
        memory: 2 ** 28,
        recent: {
          windowMs: 90_000.4,
          trials: 3,
          jobs: [{ job: id, trials: 2, trialMs: 500, steps: 0, stepMs: 0 }],
        },
      },
      10_000,
    );
    const after = await callWith(app, 'GET', `/v1/jobs/${id}/status`, {
      headers: { 'if-none-match': String(headers.etag) },
    });
    expect([after.status, after.body.workers]).toEqual([200, 1]);
    const { body } = await call(app, 'GET', '/v1/workers');
    expect(body.items).toEqual([
      {
        id: 'w',
        name: 'w',
        state: 'working',
        runtime: 'wasm',
        backend: 'wasm',
        device: 'cpu',
        slots: 2,
        labels: [],
        trials: [{ job: id, trial: '0' }],
        lacks: [{ job: 'job_a', reason: 'no data' }],
        memory: 2 ** 28,
        recent: {
          windowMs: 90_000,
          trials: 3,
          jobs: [{ job: id, trials: 2, msPerTrial: 250, steps: 0, msPerStep: null }],
        },
        seenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });
});

describe('the list of jobs', () => {
  test('filters by label and sorts', async () => {
    const { app } = await startApi();
    const ids: Record<string, string> = {};
    for (const name of ['b', 'a', 'c'])
      ids[name] = await create(app, {
        ...externalJob,
        name,
        labels: { team: name === 'c' ? 'x' : 'trees', [name]: 'y' },
      });
    const names = async (query: string): Promise<string[]> =>
      (await call(app, 'GET', `/v1/jobs?${query}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names('label=team:trees&sort=name')).toEqual(['a', 'b']);
    expect(await names('label=team&sort=-name')).toEqual(['c', 'b', 'a']);
    expect(await names('label=team:trees&label=b')).toEqual(['b']);
    const mistyped = await call(app, 'GET', '/v1/jobs?label=team%3Dtrees');
    expect([mistyped.status, mistyped.body.problems]).toEqual([
      422,
      [{ in: 'query', pointer: '/label', message: expect.stringContaining('key:value') }],
    ]);
    expect(await names('sort=createdAt&limit=3')).toHaveLength(3);
    const first = (await call(app, 'GET', '/v1/jobs?sort=name&limit=2')).body;
    expect(await names(`sort=name&limit=2&cursor=${first.next}`)).toEqual(['c']);
  });
});

describe('a job with results', () => {
  test('lists pruned trials after complete ones, and failed ones last, in both orders', async () => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, pruning: 'asha' } });
    const results = [
      { value: 3 },
      { outcome: 'pruned', value: 99 },
      { outcome: 'diverged', value: 1 },
      { outcome: 'pruned', value: 0.5 },
      { value: null },
      { value: 2 },
    ];
    for (const result of results) {
      const attempt = randomUUID();
      let { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '10s' });
      for (
        ;
        body.answer === 'wait';
        { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '10s' })
      );
      await call(app, 'POST', `/v1/jobs/${id}/trials/${body.trial}/tell`, { attempt, ...result });
    }
    const values = async (sort: string) =>
      (await call(app, 'GET', `/v1/jobs/${id}/trials?sort=${sort}`)).body.items.map(
        ({ value }: { value: number | null }) => value,
      );
    expect(await values('value')).toEqual([1, 2, 3, 0.5, 99, null]);
    expect(await values('-value')).toEqual([3, 2, 1, 99, 0.5, null]);
  });

  test('is extended, its trials are filtered, sorted and exported, and it can be deleted', async () => {
    const { app } = await startService();
    const id = await create(app, externalJob);
    await work(app, id, depth);
    expect((await call(app, 'POST', `/v1/jobs/${id}/extend`, { trials: 8 })).body).toMatchObject({
      state: 'running',
      budget: 8,
    });
    expect(await work(app, id, depth)).toEqual(['6', '7']);
    expect((await call(app, 'POST', `/v1/jobs/${id}/extend`, { trials: 3 })).status).toBe(422);

    const trials = async (query: string) => (await call(app, 'GET', `/v1/jobs/${id}/trials?${query}`)).body;
    const all = (await trials('')).items;
    expect(all.map(({ id }: { id: string }) => id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect((await trials('sort=-number&limit=2')).items.map(({ id }: { id: string }) => id)).toEqual(['7', '6']);
    const values = (await trials('sort=-value&limit=1000')).items.map(({ value }: { value: number }) => value);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const page = await trials('sort=value&limit=5');
    expect((await trials(`sort=value&limit=5&cursor=${page.next}`)).items).toHaveLength(3);
    expect((await trials('state=failed')).items).toEqual([]);
    const best = (await call(app, 'GET', `/v1/jobs/${id}/best?limit=3`)).body.items;
    expect(best.map(({ value }: { value: number }) => value)).toEqual(values.slice(0, 3));
    expect((await call(app, 'GET', `/v1/jobs/${id}/trials/0`)).body.curve).toEqual([1, 0.5]);

    const csv = await call(app, 'GET', `/v1/jobs/${id}/trials.csv`);
    expect(csv.headers['content-type']).toContain('text/csv');
    const [header, ...rows] = csv.text.trimEnd().split('\r\n');
    expect(header).toBe(
      'id,role,number,state,value,source,seed,attempts,createdAt,settledAt,reason,' +
        'point.depth,point.share,point.criterion,metric.loss,feasible',
    );
    expect(rows).toHaveLength(8);
    // A choice that a spreadsheet would run as a formula is escaped and quoted.
    expect(csv.text).toContain(`"'=entropy, ""quoted"""`);
    const curves = await call(app, 'GET', `/v1/jobs/${id}/curves.csv`);
    expect(curves.headers['content-disposition']).toBe('attachment; filename="forest-curves.csv"');
    const points = curves.text.trimEnd().split('\r\n');
    expect(points.slice(0, 3)).toEqual([
      'trial,role,number,attempt,series,step,value',
      '0,search,0,1,accuracy,1,1',
      '0,search,0,1,accuracy,2,0.5',
    ]);
    expect(points).toHaveLength(1 + 2 * 8);
    const lines = (await call(app, 'GET', `/v1/jobs/${id}/trials.jsonl`)).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(all);

    expect((await call(app, 'DELETE', `/v1/jobs/${id}`)).status).toBe(204);
    expect((await call(app, 'GET', `/v1/jobs/${id}`)).status).toBe(404);
  });

  test('can be exported, imported by another service, and imported again', async () => {
    const { app } = await startService();
    const id = await create(app, externalJob);
    expect(
      (await call(app, 'POST', '/v1/jobs/import', (await call(app, 'GET', `/v1/jobs/${id}/export`)).body)).body
        .problems[0],
    ).toMatchObject({ pointer: '/job/state' });
    await work(app, id, depth);
    const document = (await call(app, 'GET', `/v1/jobs/${id}/export`)).body;
    const other = (await startService()).app;
    expect((await call(other, 'POST', '/v1/jobs/import', document)).status).toBe(201);
    expect((await call(other, 'POST', '/v1/jobs/import', document)).status).toBe(200);
    expect((await call(other, 'GET', `/v1/jobs/${id}/export`)).body).toEqual(document);
    expect((await call(other, 'POST', `/v1/jobs/${id}/extend`, { trials: 7 })).body.state).toBe('running');
    expect(await work(other, id, depth)).toEqual(['6']);
    expect((await call(other, 'POST', '/v1/jobs/import', document)).status).toBe(409);
  });

  // oxlint-disable-next-line typescript/no-explicit-any -- documents are broken on purpose
  test.each<[string, (document: any) => void, string]>([
    ['counts that are wrong', (d) => void (d.job.counts.complete = 3), '/job/counts/complete'],
    ['a best that is not', (d) => void (d.job.best.value += 1), '/job/best'],
    ['a missing trial', (d) => void d.trials.pop(), '/trials'],
    ['a point that is not in the space', (d) => void (d.trials[0].point.depth = 99), '/trials/0/point'],
    ['a history that leads elsewhere', (d) => void d.trials[0].history.pop(), '/trials/0/history'],
    ['a trial without its result', (d) => void (d.trials[0].result = null), '/trials/0/result'],
    ['a curve of no trial', (d) => void (d.curves['77'] = ''), '/curves/77'],
    ['a field of the wrong type', (d) => void (d.trials[0].attempts = 'none'), '/trials/0/attempts'],
    ['a specification that does not hold together', (d) => void (d.spec.space.depth.high = 0), '/space/depth/low'],
    ['a record of another version', (d) => void (d.job.schema = 99), '/job/schema'],
  ])('with %s is not imported', async (_, spoil, pointer) => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 2 } });
    await work(app, id, depth);
    const document = (await call(app, 'GET', `/v1/jobs/${id}/export`)).body;
    spoil(document);
    const { app: other } = await startApi();
    const { status, body } = await call(other, 'POST', '/v1/jobs/import', document);
    expect(status).toBe(422);
    expect(body.problems.map((problem: { pointer: string }) => problem.pointer)).toContain(pointer);
    expect((await call(other, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });
});

describe('a clone', () => {
  test('knows the results of its source, or tries the best points again', async () => {
    const { app } = await startService();
    const id = await create(app, externalJob);
    await work(app, id, depth);
    const clone = async (body: object, key = 'k') =>
      callWith(app, 'POST', `/v1/jobs/${id}/clone`, { payload: body, headers: { 'idempotency-key': key } });
    const known = await clone({ name: 'second', search: { trials: 3 }, warmStart: {} });
    expect(known).toMatchObject({
      status: 201,
      body: {
        observed: 6,
        enqueued: 0,
        skipped: 0,
        spec: { name: 'second', search: { trials: 3, algorithm: 'random' } },
      },
    });
    expect(known.body.spec.search.known).toHaveLength(6);
    expect(await clone({ name: 'second', search: { trials: 3 }, warmStart: {} })).toMatchObject({
      status: 200,
      body: { id: known.body.id, observed: 6 },
    });
    expect(await work(app, known.body.id, depth)).toHaveLength(3);

    const again = await clone({ warmStart: { mode: 'enqueue', top: 2 } }, 'l');
    expect(again.body).toMatchObject({ observed: 0, enqueued: 2 });
    await work(app, again.body.id, depth);
    const { items } = (await call(app, 'GET', `/v1/jobs/${again.body.id}/trials?source=enqueued`)).body;
    const best = (await call(app, 'GET', `/v1/jobs/${id}/best?limit=2`)).body.items;
    expect(items.map(({ point }: { point: object }) => point)).toEqual(
      best.map(({ point }: { point: object }) => point),
    );

    const narrow = await clone(
      { space: { ...externalJob.space, depth: { type: 'int', low: 31, high: 40 } }, warmStart: {} },
      'm',
    );
    expect(narrow.body).toMatchObject({ observed: 0, skipped: 6 });
    // The same holds for results that the source itself started from. Results in the request must fit.
    const fromKnown = async (body: object) => call(app, 'POST', `/v1/jobs/${known.body.id}/clone`, body);
    const half = { ...externalJob.space, depth: { type: 'int', low: 1, high: 15 } };
    const depths: number[] = known.body.spec.search.known.map(({ point }: { point: { depth: number } }) => point.depth);
    const fitting = depths.filter((n) => n <= 15);
    expect(fitting.length % depths.length).toBeGreaterThan(0);
    const inherited = await fromKnown({ space: half });
    expect(inherited).toMatchObject({
      status: 201,
      body: { observed: fitting.length, skipped: depths.length - fitting.length },
    });
    expect(inherited.body.spec.search.known.map(({ point }: { point: { depth: number } }) => point.depth)).toEqual(
      fitting,
    );
    expect(
      (await fromKnown({ space: half, search: { known: known.body.spec.search.known } })).body.problems[0].pointer,
    ).toMatch('/search/known/');
    expect((await fromKnown({ search: { known: [] } })).body).toMatchObject({ observed: 0, skipped: 0 });
    const other = await create(app, { ...externalJob, objective: { ...externalJob.objective, seed: 6 } });
    expect((await call(app, 'POST', `/v1/jobs/${other}/clone`, { warmStart: { from: id } })).status).toBe(409);
    expect((await clone({ search: { trials: 0 } }, 'n')).body.problems[0].pointer).toBe('/search/trials');
  });
});

describe('a point', () => {
  test('is enqueued once under its key, a trial retried or invalidated', async () => {
    const { app } = await startService();
    const id = await create(app, externalJob);
    const post = async (point: object) =>
      callWith(app, 'POST', `/v1/jobs/${id}/trials`, { payload: { point }, headers: { 'idempotency-key': 'mine' } });
    const point = { depth: 7, share: 0.5, criterion: 'gini' };
    const [first, again] = [await post(point), await post(point)];
    expect([first.status, again.status, first.body.added, again.body.added]).toEqual([202, 200, true, false]);
    expect((await post({ ...point, depth: 8 })).status).toBe(409);
    expect(
      (await call(app, 'POST', `/v1/jobs/${id}/trials`, { point: { depth: 7 } })).body.problems.map(
        ({ pointer }: { pointer: string }) => pointer,
      ),
    ).toEqual(['/point/share', '/point/criterion']);
    await work(app, id, depth);
    const { trial } = (await post(point)).body;
    expect((await call(app, 'GET', `/v1/jobs/${id}/trials/${trial}`)).body).toMatchObject({
      point,
      source: 'enqueued',
      value: 7,
    });
    const invalidated = await call(app, 'POST', `/v1/jobs/${id}/trials/${trial}/invalidate`, { reason: 'bad disk' });
    expect(invalidated.body).toMatchObject({ state: 'cancelled', reason: 'bad disk' });
    expect((await call(app, 'POST', `/v1/jobs/${id}/trials/0/retry`)).status).toBe(409);
  });
});

describe('the catalogue', () => {
  test('lists all names with their parameters', async () => {
    const { app } = await startApi();
    const { body } = await call(app, 'GET', '/v1/catalogue');
    expect(body.datasets.map(({ name }: { name: string }) => name)).toContain('cifar10');
    expect(body.networks.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['simplenet', 'custom']),
    );
    expect(body.optimizers.find(({ name }: { name: string }) => name === 'adam').schema.properties.beta1).toMatchObject(
      { default: 0.9 },
    );
    expect(body.derivatives.find(({ name }: { name: string }) => name === 'fahlman')).toMatchObject({
      parameters: { offset: 0.1 },
    });
  });

  test('an expensive network is refused before it is stored', async () => {
    const { app } = await startApi({ maxTrialFlops: 1e6 });
    const { status, body } = await call(app, 'POST', '/v1/jobs', validJob);
    expect(status).toBe(422);
    expect(body.problems[0]).toMatchObject({
      pointer: '/objective',
      message: expect.stringMatching(/floating-point operations; .*; reduce .* seedsPerTrial/),
    });
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });
});
