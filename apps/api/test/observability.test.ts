import { randomUUID } from 'node:crypto';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import { type SpanPlace, type Tracer } from '@gradsmith/core/ports';
import { startTrial } from '@gradsmith/core/trials';
import { describe, expect, test, vi } from 'vitest';
import { call, externalJob, startApi, startService, validJob } from './support.ts';
import { create, work } from './work.ts';

/** The value of a metric in Prometheus' text. */
function readMetric(text: string, metric: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${metric} `));
  return Number(line?.split(' ').at(-1));
}

describe('metrics', () => {
  test('show what alerts use', async () => {
    const { app, workers } = await startService();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!, 3);
    await workers.announce({ id: 'w', name: 'w', runtime: 'wasm', backend: 'wasm', slots: 4, busy: ['a/0'] }, 10_000);
    await call(app, 'GET', '/v1/jobs/job_00000000000000000000');
    const { text, headers } = await call(app, 'GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(readMetric(text, 'gradsmith_ledger_up')).toBe(1);
    expect(readMetric(text, 'gradsmith_active_jobs{state="running"}')).toBe(1);
    expect(readMetric(text, 'gradsmith_active_trials{state="complete"}')).toBe(3);
    expect(readMetric(text, 'gradsmith_queue_depth')).toBeGreaterThanOrEqual(0);
    expect(readMetric(text, 'gradsmith_workers{backend="wasm"}')).toBe(1);
    expect([
      readMetric(text, 'gradsmith_worker_slots{state="busy"}'),
      readMetric(text, 'gradsmith_worker_slots{state="free"}'),
    ]).toEqual([1, 3]);
    expect(
      readMetric(text, 'gradsmith_http_request_seconds_count{method="GET",route="/v1/jobs/:id",status="404"}'),
    ).toBe(1);
    expect(text).not.toContain('job_00000000000000000000');
  });

  test('count the slots that jobs want, by kind of worker, before and after a worker is live', async () => {
    const { app, workers } = await startService();
    const wanted = async (labels: string): Promise<number> =>
      readMetric((await call(app, 'GET', '/metrics')).text, `gradsmith_wanted_slots{${labels}}`);
    await create(app, externalJob);
    expect((await call(app, 'GET', '/metrics')).text).not.toMatch(/^gradsmith_wanted_slots\{/m);
    const id = await create(app, { ...validJob, search: { trials: 5, maxParallelism: 3 } });
    expect(await wanted('backend="auto",device="any",labels=""')).toBe(3);
    const runtime = 'tensorflow float32 gpu threads=1 simd=true';
    await workers.announce({ id: 'w', name: 'w', runtime, backend: 'tensorflow', slots: 1, busy: [] }, 60_000);
    expect(await wanted('backend="tensorflow",device="gpu",labels=""')).toBe(3);
    expect(await wanted('backend="auto",device="any",labels=""')).toBeNaN();
    await vi.waitFor(
      async () => expect((await call(app, 'POST', `/v1/jobs/${id}/pause`)).body).toMatchObject({ state: 'paused' }),
      10_000,
    );
    expect(await wanted('backend="tensorflow",device="gpu",labels=""')).toBe(0);
  });

  test('count the jobs that no live worker can run; external jobs need none', async () => {
    const { app, ledger, workers } = await startService();
    const waiting = async (): Promise<number> =>
      readMetric((await call(app, 'GET', '/metrics')).text, 'gradsmith_jobs_without_workers');
    const announce = async (runtime: string): Promise<void> =>
      workers.announce({ id: 'w', name: 'w', runtime, backend: 'wasm', slots: 4, busy: [] }, 60_000);
    expect(await waiting()).toBe(0);
    await create(app, externalJob);
    expect(await waiting()).toBe(0);
    const id = await create(app, validJob);
    expect(await waiting()).toBe(1);
    await announce('wasm simd');
    expect(await waiting()).toBe(0);
    const module = await create(app, {
      name: 'own',
      objective: { kind: 'module', module: 'nobody-offers', metric: { name: 'loss', direction: 'minimize' } },
      space: { x: { type: 'float', low: 0, high: 1 } },
      search: { trials: 2 },
    });
    expect(await waiting()).toBe(1);
    // Pinned by its first trial to a kind of worker that then leaves.
    await vi.waitFor(
      async () =>
        expect(
          await startTrial(
            ledger,
            { jobId: id, trialId: '0', attemptId: randomUUID() },
            { worker: 'w', runtime: 'wasm simd' },
            { leaseMs: 60_000 },
          ),
        ).toMatchObject({ kind: 'started' }),
      10_000,
    );
    await announce('wasm threads');
    expect(await waiting()).toBe(2);
    // Paused jobs need no worker.
    for (const job of [id, module]) {
      await vi.waitFor(
        async () => expect((await call(app, 'POST', `/v1/jobs/${job}/pause`)).body).toMatchObject({ state: 'paused' }),
        10_000,
      );
    }
    expect(await waiting()).toBe(0);
  });

  test('count the requests that the ledger could not serve, and are served without the ledger', async () => {
    const away = async (): Promise<never> => Promise.reject(new LedgerUnavailable('gone'));
    const { app } = await startApi(
      {},
      (store) =>
        ({
          ...store,
          find: away,
          list: () => ReadableStream.from([away()]),
          listUnnamed: () => ReadableStream.from([away()]),
          check: away,
        }) as typeof store,
    );
    expect((await call(app, 'GET', '/v1/jobs')).status).toBe(503);
    const { status, text } = await call(app, 'GET', '/metrics');
    expect([
      status,
      readMetric(text, 'gradsmith_ledger_up'),
      readMetric(text, 'gradsmith_ledger_errors_total'),
    ]).toEqual([200, 0, 1]);
  });
});

describe('traces', () => {
  test('have the creation of a job as their root, and its results below', async () => {
    const spans: [string, SpanPlace][] = [];
    const tracer: Tracer = {
      span: async (name, place, _attributes, run) => {
        spans.push([name, place]);
        return run();
      },
    };
    const { app } = await startService({}, 1_000, tracer);
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!, 1);
    expect(spans[0]).toEqual(['record job', { job: id, id: 'job' }]);
    expect(spans).toContainEqual(['create trial', { job: id, id: 'trial 0', parent: 'job' }]);
    expect(spans).toContainEqual(['tell', { job: id, parent: 'trial 0' }]);
  });
});

describe('importance', () => {
  test('ranks the parameters by the variation that they explain', async () => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 30, maxParallelism: 4 } });
    expect((await call(app, 'GET', `/v1/jobs/${id}/importance`)).body).toEqual({ items: [] });
    await work(app, id, ({ depth, share }) => depth! ** 2 + share!);
    const { status, body } = await call(app, 'GET', `/v1/jobs/${id}/importance`);
    expect(status).toBe(200);
    expect(body.items.map(({ name }: { name: string }) => name)).toHaveLength(3);
    expect(body.items[0].name).toBe('depth');
    expect(body.items[0].total).toBeGreaterThan(0.8);
    expect((await call(app, 'GET', `/v1/jobs/${id}/importance`)).body).toEqual(body);
  });
});

describe('the model', () => {
  test('predicts the metric along each parameter and over two of them', async () => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 30, maxParallelism: 4 } });
    const read = async (query = '') => call(app, 'GET', `/v1/jobs/${id}/model${query}`);
    expect((await read()).body).toEqual({ point: null, slices: [], grid: null });
    await work(app, id, ({ depth, share }) => depth! + share!);
    const { body } = await read('?x=depth&y=share');
    const depth = body.slices.find(({ name }: { name: string }) => name === 'depth');
    expect(depth.at).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const share = Number(body.point.share);
    depth.at.forEach((at: number, i: number) => expect(Math.abs(depth.mean[i] - at - share)).toBeLessThan(1));
    expect(body.grid.mean).toHaveLength(body.grid.x.at.length * body.grid.y.at.length);
    expect((await read('?x=depth')).status).toBe(422);
    for (const [query, pointer] of [
      ['?x=criterion&y=share', '/x'],
      ['?x=depth&y=constructor', '/y'],
      ['?x=depth&y=depth', '/y'],
    ] as const) {
      const { status, body: problem } = await read(query);
      expect([status, problem.problems[0]]).toMatchObject([422, { in: 'query', pointer }]);
    }
  });
});
