import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a process with a wrong environment exits with every mistake, and without a stack', () => {
  const env = { PATH: process.env['PATH'], GRADSMITH_EVERY_MS: '1', LOG_LEVEL: 'loud' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    'gradsmith coordinator cannot start: the environment is not valid:',
    'REDIS_URL: must look like redis://user:password@host:6379',
    'GRADSMITH_EVERY_MS: must be a number of at least 50',
    'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal',
  ]);
});
