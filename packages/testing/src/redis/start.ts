import { GenericContainer } from 'testcontainers';
import { findOnPath, IMAGE, launchContainer, launchProcess, type Launcher } from './launch.ts';
import { RedisServer } from './server.ts';

/** A Redis for tests; `url` stays the same until `stop`. */
export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Redis that is fit for a ledger: the server at REDIS_URL, otherwise a `redis-server` on the PATH, otherwise a
 * container. GRADSMITH_TEST_REDIS=container always uses a container. `env` is the test's `process.env`. Throws if there
 * is none, because a test that needs Redis must not pass without it.
 */
export async function startRedis(env: NodeJS.ProcessEnv): Promise<TestRedis> {
  if (env.GRADSMITH_TEST_REDIS === 'container') return startContainer();
  if (env.REDIS_URL) return { url: env.REDIS_URL, stop: async () => {} };
  const binary = findOnPath('redis-server', env.PATH ?? '');
  return binary === null ? startContainer() : RedisServer.start(launchProcess(binary, env));
}

/**
 * Starts a Redis that a test can kill, freeze and damage: `redis-server` from the PATH, or in a container that shares a
 * folder and the network with the test. A server from the PATH has the environment `env`. Throws if there is neither.
 */
export async function startRedisServer(
  env: NodeJS.ProcessEnv,
  settings: readonly string[] = [],
  folder?: string,
): Promise<RedisServer> {
  return RedisServer.start(findLaunch(env), settings, folder);
}

function findLaunch(env: NodeJS.ProcessEnv): Launcher {
  const path = env.PATH ?? '';
  const binary = findOnPath('redis-server', path);
  if (binary !== null && env.GRADSMITH_TEST_REDIS !== 'container') return launchProcess(binary, env);
  const engine = findOnPath('docker', path);
  if (engine !== null) return launchContainer(engine);
  throw new Error(
    'this test starts, kills and damages a redis-server: install one (Debian: apt-get install redis-server), or docker',
  );
}

async function startContainer(): Promise<TestRedis> {
  try {
    const container = await new GenericContainer(IMAGE)
      .withCommand([
        'redis-server',
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        '--maxmemory-policy',
        'noeviction',
        '--protected-mode',
        'no',
      ])
      .withExposedPorts(6379)
      .start();
    return {
      url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    throw new Error(
      `no Redis for this test: set REDIS_URL, install redis-server, or start a container engine that has ${IMAGE}`,
      { cause: error },
    );
  }
}
