import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function runCoordinator(env: Record<string, string>): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['src/main.ts'], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  });
}

test('a process with a wrong environment exits with every mistake, and without a stack', () => {
  const { status, stdout, stderr } = runCoordinator({ GRADSMITH_EVERY_MS: '1', LOG_LEVEL: 'loud' });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    'gradsmith coordinator cannot start: the environment is not valid:',
    'REDIS_URL: must look like redis://user:password@host:6379',
    'GRADSMITH_EVERY_MS: must be a number of at least 50',
    'LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal',
  ]);
});

test('refuses to remove jobs if the name of the archive is empty', () => {
  const { status, stderr } = runCoordinator({
    REDIS_URL: 'redis://127.0.0.1:1',
    GRADSMITH_KEEP_JOBS: '90d',
    GRADSMITH_ARCHIVE: '',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('GRADSMITH_ARCHIVE: must name a folder if GRADSMITH_KEEP_JOBS is set');
});
