import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment, runDocker, inspectContainer, waitUntil } from './compose.ts';
import { endsExactly, readStatus, createJob, trialInTraining, listTrials } from './service.ts';

const TRIALS = 8;

/** CIFAR-10 itself, a little of it, on the paper's network at a quarter of its width. */
const cifar = {
  name: 'cifar10-in-containers',
  objective: {
    kind: 'training',
    dataset: { name: 'cifar10', train: 600, validation: 200 },
    network: { name: 'simplenet', width: 0.25 },
    optimizer: { name: 'adadelta', learningRate: 0.1 },
    epochs: 2,
    batchSize: 50,
    backward: [{ layer: 'relu7', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    seed: 1,
  },
  search: { algorithm: 'gp', trials: TRIALS, maxParallelism: 3, initial: 3, seed: 7 },
  confirm: { top: 1, seeds: 2 },
};

const mnist = {
  ...cifar,
  name: 'mnist-restored',
  objective: {
    ...cifar.objective,
    dataset: { name: 'mnist', train: 1000, validation: 500 },
    network: { name: 'cnn' },
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
  },
};

const OLD = 'test-old';
const NEW = 'test-new';
const deployment = new Deployment(18_080, {
  GRADSMITH_VERSION: OLD,
  GRADSMITH_DATASETS: 'mnist,cifar10',
  GRADSMITH_TRIAL_LEASE_MS: '8000',
});
const backups = mkdtempSync(join(tmpdir(), 'gradsmith-backup-'));

beforeAll(async () => {
  await deployment.command('fetch-wheel', 'cpu');
  deployment.set({ GRADSMITH_WORKER: 'wasm' });
  await deployment.compose('build', 'worker');
  deployment.set({ GRADSMITH_WORKER: 'tensorflow' });
  await deployment.compose('build');
  // Another image of the same code, as an upgrade brings it.
  await runDocker(
    'build',
    '--quiet',
    '--target',
    'worker-tensorflow',
    '--build-arg',
    'VERSION=0.1.1',
    '--tag',
    `gradsmith-worker-tensorflow:${NEW}`,
    '.',
  );
}, 1_800_000);

afterAll(async () => {
  rmSync(backups, { recursive: true, force: true });
  if (process.env.GRADSMITH_KEEP_CONTAINERS) return;
  await deployment.compose('down', '--volumes', '--timeout', '5');
});

test('starts without existing data', async () => {
  await deployment.compose('up', '--no-build', '--detach', '--scale', 'worker=3');
  await waitUntil('the API is ready', 180, async () => (await fetch(`${deployment.url}/readyz`)).ok);
  await waitUntil('three workers run', 60, async () => (await deployment.workers()).length === 3);
});

test('refuses a page that resolves its own name to this host', async () => {
  for (const [host, status] of [
    ['evil.example', 403],
    ['localhost', 200],
    ['api:8080', 200],
  ] as const) {
    const [response] = (await once(get(`${deployment.url}/v1/jobs`, { headers: { host } }), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    expect(response.statusCode, host).toBe(status);
  }
});

test('a bad job is refused with the name of the field, and nothing is stored', async () => {
  const response = await deployment.post('/v1/jobs', { ...cifar, search: { ...cifar.search, trials: -1 } });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ code: 'invalid-input', problems: [{ pointer: '/search/trials' }] });
  expect(await deployment.get('/v1/jobs')).toMatchObject({ items: [] });
});

test(
  'a job on CIFAR-10 ends with exactly its trials though a worker is killed and all are rolled to a new ' +
    'image in the middle',
  async () => {
    const id = await createJob(deployment, cifar);
    const victim = await trialInTraining(deployment, id);
    await deployment.kill(victim.worker);

    await waitUntil(
      'the killed worker was missed',
      120,
      async () =>
        (await listTrials(deployment, id)).find(({ id: trial }) => trial === victim.trial)!.attempts[0]!.outcome ===
        'expired',
    );
    // Its container restarts unless it is stopped, and a kill by name counts as a stop.
    await deployment.compose('up', '--no-build', '--detach', '--no-recreate', '--scale', 'worker=3');
    const before = await deployment.workers();
    expect((await readStatus(deployment, id)).phase).not.toBe('finished');

    deployment.set({ GRADSMITH_VERSION: NEW });
    await deployment.command('roll');
    const after = await deployment.workers();
    expect(after).toHaveLength(before.length);
    expect(after.filter((worker) => before.includes(worker))).toEqual([]);
    expect(
      await Promise.all(
        after.map((worker) => inspectContainer(worker, '{{index .Config.Labels "org.opencontainers.image.version"}}')),
      ),
    ).toEqual(after.map(() => '0.1.1'));

    const status = await endsExactly(deployment, id, TRIALS);
    expect(status.counts.failed).toBe(0);
    expect(status.confirmedGain).toMatchObject({ seeds: 2 });
    const all = await listTrials(deployment, id);
    const again = all.find(({ id: trial }) => trial === victim.trial)!;
    expect(again.attempts[0]).toMatchObject({ worker: victim.worker, outcome: 'expired' });
    // Drained workers release their trials, so none has to expire.
    const expired = all.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'expired');
    expect(expired.map(({ worker }) => worker)).toEqual([victim.worker]);

    const replayed = execFileSync(
      process.execPath,
      ['apps/cli/src/main.ts', 'replay', id, '--server', deployment.url],
      {
        encoding: 'utf8',
      },
    );
    expect(replayed).toContain(`${TRIALS} of ${TRIALS} points reproduced bit for bit`);
  },
);

test('a half-done job continues from a backup after its ledger was destroyed, also on the other backend', async () => {
  deployment.set({ GRADSMITH_WORKER: 'wasm', GRADSMITH_VERSION: OLD });
  await deployment.compose('up', '--no-build', '--detach', '--scale', 'worker=2');
  const id = await createJob(deployment, mnist);
  const settled = await waitUntil('half of the trials are done', 400, async () => {
    const now = await readStatus(deployment, id);
    return now.settled >= TRIALS / 2 && now.settled;
  });
  const [file] = (await deployment.command('backup', backups)).split(': ') as [string];
  expect(file).toMatch(/\/ledger-\d{4}-\d\d-\d\d\.rdb$/);
  expect(settled).toBeLessThan(TRIALS);
  await expect(deployment.command('restore', file)).rejects.toThrow('the service runs');

  await deployment.compose('down', '--timeout', '10');
  await runDocker('volume', 'rm', `${deployment.project}_redis`);
  await deployment.command('restore', file);
  await deployment.compose('up', '--no-build', '--detach', '--scale', 'worker=2');
  await waitUntil('the API is ready', 180, async () => (await fetch(`${deployment.url}/readyz`)).ok);

  expect((await readStatus(deployment, id)).settled).toBeGreaterThanOrEqual(settled);
  await endsExactly(deployment, id, TRIALS);
  const runtimes = new Set(
    (await listTrials(deployment, id)).flatMap(({ attempts }) => attempts).map(({ worker }) => worker),
  );
  expect(runtimes.size).toBeGreaterThan(1);
});
