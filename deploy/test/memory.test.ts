// Containers that run out of memory under the limits of Compose: the kernel kills a process that fills a container, or
// the service in it. Nothing that was acknowledged is lost, and the jobs complete with exact counts.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Deployment, inspectContainer, waitUntil } from './compose.ts';
import { createJob, endsExactly, listTrials } from './service.ts';

const run = promisify(execFile);
const TRIALS = 24;

const training = {
  name: 'trains-under-pressure',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 200, validation: 200 },
    network: { name: 'mlp' },
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 400,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    metric: 'aulc',
    seed: 1,
  },
  search: { algorithm: 'random', trials: TRIALS, maxParallelism: 2 },
  confirm: { top: 0, seeds: 0 },
  limits: { attempts: 20 },
};

const external = {
  name: 'reports-under-pressure',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { algorithm: 'sobol', trials: 400, maxParallelism: 4 },
  limits: { attempts: 20 },
};

const deployment = new Deployment(18_083, {
  GRADSMITH_VERSION: 'test-memory',
  GRADSMITH_WORKER: 'wasm',
  GRADSMITH_SLOTS: '2',
  GRADSMITH_WORKER_MEMORY: '1g',
  GRADSMITH_TRIAL_LEASE_MS: '4000',
});

beforeAll(async () => {
  await deployment.compose('build');
  await deployment.compose('up', '--no-build', '--detach');
  await waitUntil('the API is ready', 300, async () => (await fetch(`${deployment.url}/readyz`)).ok);
  await waitUntil('a worker runs', 300, async () => {
    const { items } = await deployment.get<{ items: object[] }>('/v1/workers');
    return items.length > 0;
  });
}, 1_800_000);

afterAll(async () => deployment.compose('down', '--volumes', '--timeout', '5'));

/** Which process the kernel kills when the container is full. */
const victims = {
  filler: 'echo 1000 > /proc/self/oom_score_adj; exec tail /dev/zero',
  service:
    'for pid in $(cat /proc/1/task/1/children); do echo 1000 > /proc/$pid/oom_score_adj; done; exec tail /dev/zero',
};

/** Fills the memory of the container until the kernel kills something in it. */
async function fillMemory(container: string, victim: keyof typeof victims): Promise<void> {
  // An endless line, which `tail` keeps.
  await expect(run('docker', ['exec', container, 'sh', '-c', victims[victim]])).rejects.toMatchObject({ code: 137 });
}

async function countRestarts(container: string): Promise<number> {
  return Number(await inspectContainer(container, '{{.RestartCount}}'));
}

/** Asks and reports until the signal aborts. Returns the value of each trial whose result was acknowledged. */
async function reportResults(job: string, signal: AbortSignal): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>();
  while (!signal.aborted) {
    const attempt = randomUUID();
    const asked = await send(`/v1/jobs/${job}/ask`, { attempt, lease: '5s', wait: '1s', worker: 'test' });
    if (asked?.answer !== 'trial') {
      await delay(200);
      continue;
    }
    const value = asked.point!.x;
    const trial = asked.trial!;
    const told = await send(`/v1/jobs/${job}/trials/${trial}/tell`, { attempt, value });
    if (told?.answer === 'reported' || told?.answer === 'already') acknowledged.set(trial, value);
  }
  return acknowledged;
}

interface Answer {
  answer?: string;
  trial?: string;
  point?: { x: number };
}

/** Returns null if the service does not answer now. */
async function send(path: string, body: object): Promise<Answer | null> {
  try {
    const response = await deployment.post(path, body);
    return response.status < 500 ? ((await response.json()) as Answer) : null;
  } catch {
    return null;
  }
}

test('containers that run out of memory lose nothing, and their services return', { timeout: 900_000 }, async () => {
  const trained = await createJob(deployment, training);
  const reported = await createJob(deployment, external);
  const stop = new AbortController();
  const reporting = reportResults(reported, stop.signal);
  for (const service of ['api', 'coordinator', 'worker', 'redis']) {
    const container = (await deployment.compose('ps', '-q', service)).trim();
    const restarts = await countRestarts(container);
    await fillMemory(container, 'filler');
    expect(await countRestarts(container), `${service} survives a process that fills its container`).toBe(restarts);
    await fillMemory(container, 'service');
    await waitUntil(`${service} returns`, 120, async () => {
      if ((await countRestarts(container)) === restarts) return false;
      return (await inspectContainer(container, '{{.State.Health.Status}}')) === 'healthy';
    });
  }
  await endsExactly(deployment, trained, TRIALS);
  stop.abort();
  const acknowledged = await reporting;
  expect(acknowledged.size).toBeGreaterThan(20);
  const kept = new Map((await listTrials(deployment, reported)).map(({ id, value }) => [id, value]));
  for (const [trial, value] of acknowledged) expect([trial, kept.get(trial)]).toEqual([trial, value]);
});
