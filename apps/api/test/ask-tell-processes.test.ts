import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findPython, packageSources } from './find-python.ts';
import { call, startService } from './support.ts';
import { create } from './work.ts';

const TRIALS = 200;
/** Longer than a trial takes on a busy machine, on which eight processes start. */
const LEASE = '4s';

async function listen(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Calls `onLine` with each line that a child prints. The child is killed when the test has finished. */
function followLines(child: ChildProcess, onLine: (line: string) => void): ChildProcess {
  createInterface({ input: child.stdout! }).on('line', onLine);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('eight processes, two of them killed in the middle of a trial, settle each of 200 trials once', async () => {
  const { app, ledger } = await startService({}, 500);
  const url = await listen(app);
  const id = await create(app, {
    name: 'eight-processes',
    objective: { kind: 'external', metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: TRIALS, maxParallelism: 8, seed: 3 },
  });
  const reported: string[] = [];
  const killed = new Map<number, string>();
  const children = Array.from({ length: 8 }, (_, i) => {
    let started = 0;
    const child = spawn(
      process.execPath,
      [new URL('external-program.ts', import.meta.url).pathname, url, id, LEASE, i < 2 ? '4' : '0'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    return followLines(child, (line) => {
      const [event, trial] = line.split(' ') as [string, string];
      if (event === 'reported') reported.push(trial);
      if (event === 'started' && ++started === 4 && i < 2 && child.kill('SIGKILL')) killed.set(i, trial);
    });
  });
  await Promise.all(children.map((child) => once(child, 'exit')));
  expect(children.map(({ signalCode }) => signalCode)).toEqual([
    'SIGKILL',
    'SIGKILL',
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(children.slice(2).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);

  const status = (await call(app, 'GET', `/v1/jobs/${id}/status`)).body;
  expect(status).toMatchObject({
    state: 'completed',
    settled: TRIALS,
    counts: { complete: TRIALS, failed: 0, pending: 0, running: 0, cancelled: 0 },
  });
  const { job } = await ledger.readJob(id);
  const trials = await ledger.readAllTrials(job);
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_, n) => n));
  for (const trial of trials) {
    expect(trial.attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
    expect(trial.result!.value).toBe(trial.point.x);
  }
  // The trials of the killed programs expired, and others completed them.
  for (const trial of killed.values())
    expect(trials[Number(trial)]!.attempts.map(({ outcome }) => outcome)).toEqual(['expired', 'reported']);
  expect(killed.size).toBe(2);
  expect(new Set(reported).size).toBe(reported.length);
}, 120_000);

/** Starts a proxy that loses the first `times` calls of each kind: it answers with its own page, or not at all. */
async function startUnsteadyProxy(url: string, times: number): Promise<{ url: string; lost: Map<string, number> }> {
  const lost = new Map<string, number>();
  const proxy = createServer(async (request, response) => {
    const kind = request.url!.split('/').at(-1)!;
    const before = lost.get(kind) ?? 0;
    if (before < times) {
      lost.set(kind, before + 1);
      if (before % 2) return void request.socket.destroy();
      return void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    }
    const body = await text(request);
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method!,
      headers: { 'content-type': 'application/json' },
      body: body || null,
    });
    return void response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type')! })
      .end(await answer.text());
  });
  onTestFinished(() => void proxy.close());
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, lost };
}

/** Runs the Python example with these arguments to its end, and returns what it prints. */
async function runExample(python: string, args: readonly string[]): Promise<string[]> {
  const output: string[] = [];
  const script = new URL('../../../examples/python/tune_forest.py', import.meta.url).pathname;
  const child = followLines(
    spawn(python, [script, ...args], {
      env: { ...process.env, PYTHONPATH: packageSources },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
    (line) => output.push(line),
  );
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  return output;
}

describe('the Python example', () => {
  const python = findPython('requests', 'sklearn');
  if (!python)
    console.warn('NOT TESTED: examples/python needs a python3 with requests and scikit-learn; name one in PYTHON');

  test.skipIf(!python)(
    'tunes a forest, and the best trial is better than the worst',
    async () => {
      const { app } = await startService();
      const url = await listen(app);
      const output = await runExample(python!, ['--url', url, '--trials', '12']);
      const id = output[0]!.split('/').at(-1);
      const { body } = await call(app, 'GET', `/v1/jobs/${id}/status`);
      expect(body).toMatchObject({
        state: 'completed',
        counts: { complete: 12 },
        metric: 'accuracy',
        direction: 'maximize',
      });
      expect(body.best.value).toBeGreaterThan(0.93);
      const { items } = (await call(app, 'GET', `/v1/jobs/${id}/trials?sort=value`)).body;
      expect(items[0].value).toBeLessThan(body.best.value);
      expect(items[0].metrics['worst fold']).toBeLessThanOrEqual(items[0].value);
      expect(output.at(-1)).toContain(`best: ${body.best.value.toFixed(4)}`);
    },
    60_000,
  );

  test.skipIf(!python)(
    'waits out a service that is away, losing no result',
    async () => {
      const { app } = await startService();
      const { url, lost } = await startUnsteadyProxy(await listen(app), 2);
      const output = await runExample(python!, ['--url', url, '--trials', '3']);
      expect(Object.fromEntries(lost)).toMatchObject({ jobs: 2, 'ask-many': 2, tell: 2 });
      const id = output[0]!.split('/').at(-1);
      const { items } = (await call(app, 'GET', `/v1/jobs/${id}/trials`)).body;
      expect(
        items.map(({ state, attempts }: { state: string; attempts: object[] }) => [state, attempts.length]),
      ).toEqual(Array.from({ length: 3 }, () => ['complete', 1]));
    },
    60_000,
  );
});
