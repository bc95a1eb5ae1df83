import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { exportToMlflow, MlflowClient, MlflowRefused, MlflowUnreachable, type MlflowSummary } from '../src/index.ts';
import { MlflowServer } from './mlflow-server.ts';
import { createAttempt, createTrial, iterate, job, trials } from './sample-job.ts';

type Trials = Parameters<typeof iterate<(typeof trials)[number]>>[0];

async function send(server: MlflowServer, items: Trials = trials, exported = job): Promise<MlflowSummary> {
  return exportToMlflow(new MlflowClient({ url: server.url }), exported, iterate(items), 'sample');
}

test('creates a run for each trial that has started, with its point, curve, results and state', async () => {
  await using server = await new MlflowServer().start();
  expect(await send(server)).toEqual({ experimentId: '0', created: 5, unchanged: 0, replaced: 0 });
  expect(server.experiments).toEqual(['sample']);
  const run = server.runs.find(({ name }) => name === 'trial 0')!;
  expect(run).toMatchObject({ status: 'FINISHED', end: Date.parse('2026-11-29T10:01:00Z') });
  expect(Object.fromEntries(run.params)).toEqual({
    lr: '0.001',
    layers: '3',
    dropout: '0.2',
    optimizer: 'adam',
    mixed: 'two',
    amp: 'true',
    seed: '7',
  });
  expect(run.metrics.map(({ key, step, value }) => [key, step, value])).toEqual([
    ['curve/loss', 1, 0.75],
    ['curve/loss', 2, 0.5],
    ['curve/loss', 10, 0.25],
    ['loss', 10, 0.25],
    ['worst fold', 10, 0.5],
  ]);
  expect(Object.fromEntries(run.tags)).toMatchObject({
    'gradsmith.job': job.id,
    'gradsmith.trial': '0',
    'gradsmith.state': 'complete',
  });
  expect(server.runs.map(({ status }) => status).sort()).toEqual([
    'FAILED',
    'FINISHED',
    'FINISHED',
    'FINISHED',
    'RUNNING',
  ]);
});

test('changes nothing when it is repeated, and replaces runs of trials that changed', async () => {
  await using server = await new MlflowServer().start();
  await send(server);
  const before = structuredClone(server.runs);
  expect(await send(server)).toMatchObject({ created: 0, unchanged: 5, replaced: 0 });
  expect(server.runs).toEqual(before);
  const finished = trials.map((trial) => (trial.id === '4' ? createTrial(4) : trial));
  expect(await send(server, finished)).toMatchObject({ created: 1, unchanged: 4, replaced: 1 });
  expect(server.active).toHaveLength(5);
  expect(server.active.find(({ name }) => name === 'trial 4')).toMatchObject({ status: 'FINISHED' });
});

test('replaces the runs of an export that was interrupted, and leaves those of other jobs alone', async () => {
  await using server = await new MlflowServer().start();
  await send(server, trials.slice(0, 2), { ...job, id: 'job_00000000000000000002' });
  let left = 6;
  server.intercept = (path) =>
    path.startsWith('runs/') && path !== 'runs/search' && left-- <= 0
      ? { status: 500, body: { error_code: 'INTERNAL_ERROR', message: 'disk full' } }
      : null;
  await expect(send(server)).rejects.toThrow('the MLflow server refused the export: disk full');
  server.intercept = () => null;
  const { created, replaced } = await send(server);
  expect(created).toBe(5);
  expect(replaced).toBeGreaterThan(0);
  expect(server.active).toHaveLength(7);
  expect(server.active.filter(({ tags }) => tags.has('gradsmith.version'))).toHaveLength(7);
});

test('splits long curves into batches, and makes names that MLflow takes', async () => {
  await using server = await new MlflowServer().start();
  const values = Array.from({ length: 2_500 }, (_, step) => ({ step, value: step / 2 }));
  const metrics = { 'top-5 (%)': 1, '..': 2, 'a/../b': 3, ['x'.repeat(300)]: 4 };
  const trial = createTrial(0, { attempts: [createAttempt('reported', values)], metrics });
  await send(server, [trial], { ...job, metric: 'loss/é?' });
  const [run] = server.runs;
  expect(run!.metrics.filter(({ key }) => key === 'curve/loss_é_')).toHaveLength(2_500);
  expect(run!.metrics.slice(2_500).map(({ key }) => key)).toEqual([
    'loss_é_',
    'top-5 ___',
    '_..',
    'a_.._b',
    'x'.repeat(250),
  ]);
});

test('waits for a server that is busy, and sends its authorization', async () => {
  await using server = await new MlflowServer().start();
  let busy = 1;
  server.intercept = () => (busy-- > 0 ? { status: 429, body: {} } : null);
  const pauses: number[] = [];
  const wait = async (ms: number): Promise<void> => void pauses.push(ms);
  const client = new MlflowClient({ url: `${server.url}/`, authorization: 'Bearer token', wait });
  expect(await exportToMlflow(client, job, iterate([]), 'sample')).toMatchObject({ created: 0 });
  expect(pauses).toEqual([500]);
  expect([...server.authorizations]).toEqual(['Bearer token']);
});

test('sends the user and the password of the address, and keeps them out of messages', async () => {
  const server = await new MlflowServer().start();
  const address = server.url.replace('//', '//me:p%40ss@');
  const client = new MlflowClient({ url: `${address}/` });
  await exportToMlflow(client, job, iterate([]), 'sample');
  expect([...server.authorizations]).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  expect(client.url).toBe(server.url);
  await server[Symbol.asyncDispose]();
  await expect(exportToMlflow(client, job, iterate([]), 'sample')).rejects.toThrow(
    `the MLflow server at ${server.url} does not answer`,
  );
});

test('says what is wrong with a server that is away, is another program, or has deleted the experiment', async () => {
  const server = await new MlflowServer().start();
  await send(server, []);
  server.deletedExperiments.add('sample');
  await expect(send(server)).rejects.toThrow('the experiment sample was deleted; restore it in MLflow, or choose');
  server.intercept = () => ({ status: 404, body: { message: 'not here' } });
  await expect(send(server)).rejects.toThrow(/answered 404 and not as an MLflow tracking server/);
  await expect(send(server)).rejects.toBeInstanceOf(MlflowRefused);
  server.intercept = () => ({ status: 200, body: { status: 'ok' } });
  await expect(send(server)).rejects.toThrow(/answered 200 and not as an MLflow tracking server/);
  await server[Symbol.asyncDispose]();
  await expect(send(server)).rejects.toThrow(/does not answer \(\w+\)/);
  await expect(send(server)).rejects.toBeInstanceOf(MlflowUnreachable);
});

test('says that a server does not answer if it ends in the middle of an answer', async () => {
  const half = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
    response.write('{"experiment"', () => response.destroy());
  });
  await once(half.listen(0, '127.0.0.1'), 'listening');
  const client = new MlflowClient({ url: `http://127.0.0.1:${(half.address() as AddressInfo).port}` });
  await expect(exportToMlflow(client, job, iterate([]), 'sample')).rejects.toBeInstanceOf(MlflowUnreachable);
  half.close();
});
