import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startRedis } from '@gradsmith/testing';
import { cleanEnv, root } from './support.ts';

const START_MS = 60_000;

/** A service as it is deployed: its processes over a Redis, without workers. */
export interface Service {
  url: string;
  redis: string;
  stop(): Promise<void>;
}

/** Starts API and coordinator, each its own process, and waits until the service says it is ready. */
export async function startService(env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const redis = await startRedis(process.env);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { REDIS_URL: redis.url, LOG_LEVEL: 'error', ...env };
  const children = [
    startProcess('apps/api/src/main.ts', { ...settings, GRADSMITH_PORT: String(port) }),
    startProcess('apps/coordinator/src/main.ts', { ...settings, GRADSMITH_EVERY_MS: '250' }),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
    await redis.stop();
  };
  try {
    await untilReady(url, children);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, redis: redis.url, stop };
}

function startProcess(file: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [join(root, file)], {
    cwd: root,
    env: cleanEnv(env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function untilReady(url: string, children: readonly ChildProcess[]): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    if (children.some(({ exitCode }) => exitCode !== null) || performance.now() > deadline)
      throw new Error(`the service at ${url} did not become ready`);
    await sleep(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await once(child, 'exit');
  clearTimeout(timer);
}
