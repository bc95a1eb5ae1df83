import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInput } from '@gradsmith/core/domain';
import { MemoryLog, startRedisServer, type RedisServer } from '@gradsmith/testing';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { checkFitness } from '../src/fitness.ts';
import { connectRedis, UnfitRedis, type RedisSettings } from '../src/index.ts';

let server: RedisServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function startServer(...settings: string[]): Promise<RedisServer> {
  server = await startRedisServer(process.env, settings);
  return server;
}

async function connect(settings: Partial<RedisSettings> = {}, log = new MemoryLog()): Promise<MemoryLog> {
  const ports = await connectRedis({ url: server!.url, ...settings }, log);
  try {
    await ports.store.check();
  } finally {
    await ports.close();
  }
  return log;
}

/** Returns a fit Redis, except that its CONFIG GET fails with this error. */
function createRedisWithoutSettings(name: string, message: string): Redis {
  const fit: Partial<Redis> = {
    info: async () => 'redis_version:7.0.15\r\nrole:master\r\ncluster_enabled:0\r\nconnected_slaves:0\r\n',
    config: async () => {
      throw Object.assign(new Error(message), { name });
    },
  };
  return fit as Redis;
}

test('reports a Redis that does not use TLS instead of waiting silently', async () => {
  await startServer();
  await expect(connect({ url: server!.url.replace('redis:', 'rediss:') })).rejects.toThrow(
    'Redis cannot be reached: no answer. Where it takes plain text, its address is redis://',
  );
}, 30_000);

test('says what to do if the password is missing', async () => {
  await startServer('--requirepass', 'right');
  await expect(connect()).rejects.toThrow('Redis asks for a password; set it in REDIS_URL');
}, 30_000);

test.each([
  ['appendfsync', 'everysec', 'always'],
  ['appendonly', 'no', 'yes'],
  ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
])(
  'refuses calls while %s is changed to %s under a running service',
  async (name, wrong, right) => {
    await startServer();
    const log = new MemoryLog();
    const ports = await connectRedis({ url: server!.url, recheckMs: 50 }, log);
    const check = async (): Promise<unknown> => ports.store.check().catch((error: unknown) => error);
    try {
      expect(await check()).toBeUndefined();
      await server!.command('CONFIG', 'SET', name, wrong);
      await expect.poll(check, { timeout: 10_000 }).toBeInstanceOf(UnfitRedis);
      expect(String(await check())).toContain(`its ${name} is ${wrong}; start it with --${name} ${right}`);
      expect(log.lines.map(({ message }) => message)).toContain('this Redis cannot be used now');
      await server!.command('CONFIG', 'SET', name, right);
      await expect.poll(check, { timeout: 10_000 }).toBeUndefined();
    } finally {
      await ports.close();
    }
  },
  30_000,
);

describe('refuses a Redis that could lose writes, with the setting and the correction', () => {
  test.each([
    ['appendfsync', 'everysec', 'always'],
    ['appendfsync', 'no', 'always'],
    ['appendonly', 'no', 'yes'],
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
  ])(
    '%s %s',
    async (setting, value, remedy) => {
      await startServer(`--${setting}`, value);
      await expect(connect()).rejects.toThrow(UnfitRedis);
      await expect(connect()).rejects.toThrow(`its ${setting} is ${value}; start it with --${setting} ${remedy}`);
    },
    30_000,
  );

  test('lists all problems at once', async () => {
    await startServer('--appendfsync', 'no', '--maxmemory-policy', 'volatile-ttl');
    await expect(connect()).rejects.toThrow(/appendfsync is no[^]*maxmemory-policy is volatile-ttl/);
  }, 30_000);

  test('unless allowVolatile accepts it, with a warning', async () => {
    await startServer('--appendfsync', 'everysec');
    const log = await connect({ allowVolatile: true });
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: expect.stringMatching(/ACKNOWLEDGED JOBS CAN BE LOST.*appendfsync/),
      }),
    );
  }, 30_000);

  test('settings that cannot be read count as wrong', async () => {
    const redis = await startServer();
    await redis.command('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const url = redis.url.replace('redis://', 'redis://limited:secret@');
    await expect(connect({ url })).rejects.toThrow(/cannot be read.*NOPERM/);
    await connect({ url, allowVolatile: true });
  }, 30_000);

  test.each([
    ['ReplyError', "NOPERM this user has no permissions to run the 'config|get' command"],
    ['ReplyError', "ERR unknown command 'CONFIG', with args beginning with: 'GET'"],
  ])('whose reply to CONFIG GET is %s: %s', async (name, message) => {
    const checked = checkFitness(createRedisWithoutSettings(name, message), { url: '' }, new MemoryLog());
    await expect(checked).rejects.toThrow(UnfitRedis);
    await expect(checked).rejects.toThrow(message);
  });

  test('a cluster node', async () => {
    await startServer('--cluster-enabled', 'yes');
    await expect(connect({ allowVolatile: true, allowFailover: true })).rejects.toThrow(/part of a cluster/);
  }, 30_000);

  test('a replica', async () => {
    const redis = await startServer();
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    await expect(connect({ allowVolatile: true, allowFailover: true })).rejects.toThrow(
      /give the address of its primary/,
    );
  }, 30_000);

  test('a primary with a replica, unless allowFailover accepts it', async () => {
    const primary = await startServer('--repl-diskless-sync-delay', '0');
    const replica = await startRedisServer(process.env, ['--replicaof', '127.0.0.1', String(primary.port)]);
    try {
      await expect
        .poll(async () => primary.command('INFO', 'replication'), { timeout: 10_000 })
        .toContain('connected_slaves:1');
      await expect(connect()).rejects.toThrow(/set allowFailover/);
      const log = await connect({ allowFailover: true });
      expect(log.lines).toContainEqual(
        expect.objectContaining({ level: 'warn', message: expect.stringContaining('replica') }),
      );
    } finally {
      await replica.stop();
    }
  }, 30_000);
});

test.each([
  ['Error', 'Command timed out'],
  ['MaxRetriesPerRequestError', 'Reached the max retries per request limit'],
  ['ReplyError', 'LOADING Redis is loading the dataset in memory'],
])('does not take an outage during CONFIG GET for a wrong setting: %s: %s', async (name, message) => {
  const checked = checkFitness(createRedisWithoutSettings(name, message), { url: '' }, new MemoryLog());
  await expect(checked).rejects.toMatchObject({ name, message });
});

describe('a password', () => {
  test('comes from the URL or from a file; a wrong one counts as an outage', async () => {
    const redis = await startServer('--requirepass', 'p@ss word');
    const folder = mkdtempSync(join(tmpdir(), 'gradsmith-password-'));
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'p@ss word\n');
    await connect({ url: redis.url.replace('redis://', `redis://:${encodeURIComponent('p@ss word')}@`) });
    await connect({ passwordFile });
    await connect({ url: redis.url.replace('redis://', 'redis://:wrong@'), passwordFile });
    await expect(connect({ url: redis.url.replace('redis://', 'redis://:wrong@') })).rejects.toThrow(
      /does not accept the user and the password; set it in REDIS_URL/,
    );
    rmSync(folder, { recursive: true });
  }, 30_000);
});

describe('unusable settings are refused by name', () => {
  test.each([
    [{ url: 'http://localhost' }, /url: must look like redis:/],
    [{ url: 'localhost:6379' }, /url: must look like redis:/],
    [{ url: 'redis://localhost/jobs' }, /number of a database/],
    [{ url: 'redis://localhost', passwordFile: '/no/such/file' }, /passwordFile: cannot be read/],
  ])('%o', async (settings, message) => {
    await expect(connectRedis(settings, new MemoryLog())).rejects.toThrow(InvalidInput);
    await expect(connectRedis(settings, new MemoryLog())).rejects.toThrow(message);
  });
});
