import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startRedis } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';

test('a process whose port is in use says so in one line, with the variable that changes it', async () => {
  const redis = await startRedis(process.env);
  onTestFinished(async () => redis.stop());
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api = spawn(process.execPath, ['src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: {
      PATH: process.env.PATH,
      REDIS_URL: redis.url,
      GRADSMITH_HOST: '127.0.0.1',
      GRADSMITH_PORT: String(port),
      LOG_LEVEL: 'fatal',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [output, [code]] = await Promise.all([text(api.stderr), once(api, 'exit')]);
  expect([code, output]).toEqual([
    1,
    `gradsmith api cannot start: port ${port} of 127.0.0.1 is in use by another process; stop it, or set ` +
      'GRADSMITH_PORT to another port\n',
  ]);
}, 60_000);
