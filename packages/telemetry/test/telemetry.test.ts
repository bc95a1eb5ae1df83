import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOB_SPAN, nameTrialSpan } from '@gradsmith/core/ports';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Counter, newRegistry, startTelemetry, startTracing, touchAliveFile } from '../src/index.ts';
import { serveMetrics } from '../src/metrics.ts';

interface Sent {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  status?: { code?: number };
  service: string;
}

/** An OTLP/HTTP collector that keeps the spans it is sent. */
async function startCollector(): Promise<{ url: string; spans: Sent[] }> {
  const spans: Sent[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
        const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value
          .stringValue;
        for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ ...span, service });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, spans };
}

test('a job is one trace across independent processes', async () => {
  const { url, spans } = await startCollector();
  const [api, coordinator, worker] = ['api', 'coordinator', 'worker'].map((name) => startTracing(name, url));
  const job = 'job_0123456789abcdef0123';
  await api!.tracer.span('record job', { job, id: JOB_SPAN }, {}, async () => {});
  await coordinator!.tracer.span('create trial', { job, id: nameTrialSpan('0'), parent: JOB_SPAN }, {}, async () => {});
  await expect(
    worker!.tracer.span('execute trial', { job, parent: nameTrialSpan('0') }, {}, async () =>
      Promise.reject(new Error('out of memory')),
    ),
  ).rejects.toThrow('out of memory');
  await worker!.tracer.span('execute trial', { job, parent: nameTrialSpan('0') }, {}, async () => {});
  await api!.tracer.span('record job', { job: 'job_other', id: JOB_SPAN }, {}, async () => {});
  await Promise.all([api, coordinator, worker].map((tracing) => tracing!.close()));

  const mine = spans.filter(({ traceId }) => traceId === spans.find(({ name }) => name === 'create trial')!.traceId);
  expect(mine.map(({ service, name }) => `${service}: ${name}`).sort()).toEqual([
    'api: record job',
    'coordinator: create trial',
    'worker: execute trial',
    'worker: execute trial',
  ]);
  const of = (name: string): Sent[] => mine.filter((span) => span.name === name);
  expect(of('record job')[0]!.parentSpanId ?? '').toBe('');
  expect(of('create trial')[0]!.parentSpanId).toBe(of('record job')[0]!.spanId);
  for (const attempt of of('execute trial')) expect(attempt.parentSpanId).toBe(of('create trial')[0]!.spanId);
  expect(new Set(mine.map(({ spanId }) => spanId)).size).toBe(4);
  expect(of('execute trial').filter(({ status }) => status?.code === 2)).toHaveLength(1);
  expect(spans).toHaveLength(5);
});

test('an unavailable endpoint delays neither work nor the exit', async () => {
  const tracing = startTracing('api', 'http://127.0.0.1:9');
  expect(await tracing.tracer.span('record job', { job: 'j', id: JOB_SPAN }, {}, async () => 7)).toBe(7);
  const start = performance.now();
  await tracing.close();
  expect(performance.now() - start).toBeLessThan(5_000);
});

test('serves metrics at one path, and nothing else', async () => {
  const registry = newRegistry();
  new Counter({ name: 'gradsmith_things_total', help: 'Things', registers: [registry] }).inc(3);
  const server = await serveMetrics(registry, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => server.close());
  const get = async (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  const text = await (await get('/metrics')).text();
  expect(text).toContain('gradsmith_things_total 3');
  expect(text).toContain('gradsmith_nodejs_eventloop_lag_seconds');
  expect([(await get('/')).status, (await get('/metrics', 'POST')).status]).toEqual([404, 404]);
});

test('an address that cannot be used is named with its variable', async () => {
  const server = await serveMetrics(newRegistry(), { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => server.close());
  await expect(serveMetrics(newRegistry(), { host: '127.0.0.1', port: server.port })).rejects.toThrow(
    `port ${server.port} of 127.0.0.1 is in use by another process; stop it, or set GRADSMITH_METRICS_PORT to another`,
  );
  await expect(serveMetrics(newRegistry(), { host: '203.0.113.1', port: 0 })).rejects.toThrow(
    '203.0.113.1 is not an address of this machine; correct GRADSMITH_METRICS_HOST',
  );
});

test('a process without a port and an endpoint has a registry, and sends nothing', async () => {
  const env = { LOG_LEVEL: 'info', GRADSMITH_METRICS_HOST: '127.0.0.1' } as const;
  const commits = { committed: 3, refused: 1 };
  const telemetry = await startTelemetry('gradsmith-worker', env, commits);
  expect(telemetry.tracer).toBeUndefined();
  commits.committed = 4;
  const text = await telemetry.registry.metrics();
  expect(text).toContain('gradsmith_ledger_commits_total 4\n');
  expect(text).toContain('gradsmith_ledger_conflicts_total 1\n');
  await telemetry.close();
});

test('an alive file is made, and a failure to write it is logged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-alive-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn(), debug: vi.fn() };
  touchAliveFile(undefined, log);
  touchAliveFile(join(folder, 'alive'), log);
  await vi.waitFor(async () => expect((await stat(join(folder, 'alive'))).size).toBe(0), 10_000);
  expect(log.warn).not.toHaveBeenCalled();
  touchAliveFile(join(folder, 'missing', 'alive'), log);
  await vi.waitFor(() => expect(log.warn).toHaveBeenCalledWith(expect.anything(), 'alive file not written'), 10_000);
});
