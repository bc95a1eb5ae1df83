import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { watchExit } from '../../src/process/trainer-process.ts';

test('resolves with the error text although a process that was left keeps the error stream open', async () => {
  const child = spawn('sh', ['-c', 'sleep 300 & echo "$!" >&2; exit 3'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { description } = await watchExit(child);
  const [exit, left] = description.split('\n');
  onTestFinished(() => void process.kill(Number(left), 'SIGKILL'));
  expect(exit).toBe('exited with code 3');
  expect(child.stderr.destroyed).toBe(true);
});

test('resolves with the error if the program cannot be started', async () => {
  const { description } = await watchExit(spawn('/no/such/program'));
  expect(description).toBe('spawn /no/such/program ENOENT');
});
