import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort, startRedisServer } from '@gradsmith/testing';

export interface Service {
  url: string;
  redisUrl: string;
  stop(): Promise<void>;
}

/** Starts Redis, a coordinator and an API, each as a process; with `apps`, only some of the latter. */
export async function startService(env: NodeJS.ProcessEnv, apps = ['coordinator', 'api']): Promise<Service> {
  const redis = await startRedisServer(env);
  const port = await freePort();
  const settings = {
    ...env,
    REDIS_URL: redis.url,
    LOG_LEVEL: 'warn',
    GRADSMITH_PORT: String(port),
    GRADSMITH_REQUESTS_PER_MINUTE: '1000000',
  };
  const children = apps.map((app) =>
    spawn(process.execPath, [new URL(`../../apps/${app}/src/main.ts`, import.meta.url).pathname], {
      env: settings,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(endChild));
    await redis.stop();
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (
      await fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { url, redisUrl: redis.url, stop };
    if (tries > 300 || children.some(({ exitCode }) => exitCode !== null)) {
      await stop();
      throw new Error('the service did not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
