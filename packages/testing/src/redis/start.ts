import { GenericContainer } from 'testcontainers';
import { findOnPath, RedisServer } from './server.ts';

/** A Redis for tests; `url` stays the same until `stop`. */
export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

const IMAGE = 'redis:7-bookworm';

/**
 * A Redis that is fit for a ledger, from the first of these there is: the server at REDIS_URL, a `redis-server` on the
 * PATH, a container. GRADSMITH_TEST_REDIS=container takes the container whatever else there is. `env` is the test's
 * `process.env`. Throws where there is none, as a test that needs Redis must not pass without it.
 */
export async function startRedis(env: NodeJS.ProcessEnv): Promise<TestRedis> {
  if (env.GRADSMITH_TEST_REDIS === 'container') return startContainer();
  if (env.REDIS_URL) return { url: env.REDIS_URL, stop: async () => {} };
  const binary = findOnPath('redis-server', env.PATH ?? '');
  return binary === null ? startContainer() : RedisServer.start(binary);
}

/** A redis-server process that can be killed, frozen and damaged. Throws where the PATH has no `redis-server`. */
export async function startRedisServer(env: NodeJS.ProcessEnv, settings: readonly string[] = []): Promise<RedisServer> {
  const binary = findOnPath('redis-server', env.PATH ?? '');
  if (binary === null) throw new Error('this test kills and damages a redis-server of its own; install one (Debian: apt-get install redis-server) so that it is on the PATH');
  return RedisServer.start(binary, settings);
}

async function startContainer(): Promise<TestRedis> {
  try {
    const container = await new GenericContainer(IMAGE)
      .withCommand(['redis-server', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', '--protected-mode', 'no'])
      .withExposedPorts(6379)
      .start();
    return {
      url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
      stop: async () => void (await container.stop()),
    };
  } catch (error) {
    throw new Error(`no Redis for this test: set REDIS_URL, install redis-server, or start a container engine that has ${IMAGE}`, { cause: error });
  }
}
