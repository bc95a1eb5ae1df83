import { execFileSync } from 'node:child_process';
import type { JobStatus, TrialResource } from '@gradsmith/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment, until } from './compose.ts';

const TRIALS = 6;

/** Real images, a small network, and trials long enough to be killed in the middle. */
const job = {
  name: 'mnist-in-containers',
  objective: {
    kind: 'training',
    dataset: { name: 'mnist', train: 2000, validation: 500 },
    network: { name: 'cnn' },
    optimizer: { name: 'adadelta', learningRate: 0.1 },
    epochs: 3,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    seed: 1,
  },
  search: { algorithm: 'gp', trials: TRIALS, maxParallelism: 3, initial: 3, seed: 7 },
  confirm: { top: 1, seeds: 2 },
};

const deployment = new Deployment(18_080, { GRADSMITH_TRIAL_LEASE_MS: '8000' });

beforeAll(async () => {
  await deployment.compose('up', '--build', '--detach', '--scale', 'worker=3');
  await until('the API is ready', 120, async () => (await fetch(`${deployment.url}/readyz`)).ok);
});

afterAll(async () => {
  if (process.env.GRADSMITH_KEEP_CONTAINERS) return;
  await deployment.compose('down', '--volumes', '--timeout', '5');
});

test('a bad job is refused with the name of the field, and nothing is stored', async () => {
  const response = await deployment.post('/v1/jobs', { ...job, search: { ...job.search, trials: -1 } });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ code: 'invalid-input', problems: [{ pointer: '/search/trials' }] });
  expect(await deployment.get('/v1/jobs')).toMatchObject({ items: [] });
});

test('a job ends with exactly its number of trials though a worker is killed in the middle of one', async () => {
  const response = await deployment.post('/v1/jobs', job);
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  const trials = async (): Promise<TrialResource[]> => (await deployment.get<{ items: TrialResource[] }>(`/v1/jobs/${id}/trials?limit=1000`)).items;

  const victim = await until('a search trial is being trained', 180, async () =>
    (await trials()).find(({ role, state, progress }) => role === 'search' && state === 'running' && progress !== null));
  const killed = victim.attempts.at(-1)!.worker;
  await deployment.kill(killed);

  const status = await until('the job has ended', 420, async () => {
    const now = await deployment.get<JobStatus>(`/v1/jobs/${id}/status`);
    return now.phase === 'ended' && now;
  });
  expect(status.state).toBe('completed');
  expect(status.settled).toBe(TRIALS);
  expect(status.counts.complete + status.counts.diverged).toBe(TRIALS);
  expect(status.reference).not.toBeNull();
  expect(status.confirmedGain).toMatchObject({ seeds: 2 });

  const all = await trials();
  expect(all.filter(({ role }) => role === 'search').map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
  // Whether the kill came before or after its last word, the trial has one result, told once.
  const again = all.find((trial) => trial.id === victim.id)!;
  expect(again.attempts.filter(({ outcome }) => outcome === 'told')).toHaveLength(1);
  expect(again.attempts[0]).toMatchObject({ worker: killed, outcome: 'expired' });
  expect(again.attempts.at(-1)!.worker).not.toBe(killed);

  const replayed = execFileSync(process.execPath, ['apps/cli/src/main.ts', 'replay', id, '--server', deployment.url], { encoding: 'utf8' });
  expect(replayed).toContain(`${TRIALS} of ${TRIALS} points reproduced bit for bit`);
});
