// A killed worker ends its modules and their child processes, and another worker runs their trials again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

/** A module that starts a child process and waits for the file `go`; every call records both process ids. */
const module = `
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
export default async ({ x }, { options: { folder }, report }) => {
  const { pid } = spawn('sleep', ['300'], { stdio: ['ignore', 'ignore', 'inherit'] });
  appendFileSync(join(folder, 'pids'), process.pid + ' ' + pid + ' ');
  while (!existsSync(join(folder, 'go'))) await delay(20);
  await report(1, x);
  return x;
};`;

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-modules-'));
let bench: Bench;
afterEach(async () => {
  await bench.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a killed worker leaves no process of a module, and another worker completes its trials', async () => {
  bench = await Bench.start(1_500, {});
  writeFileSync(join(folder, 'waits.mjs'), module);
  const worker = (name: string) =>
    bench.launch('worker', { GRADSMITH_MODULES: folder, GRADSMITH_SLOTS: '2', GRADSMITH_WORKER_NAME: name });
  const id = 'job_module';
  const [first] = await Promise.all([
    worker('first'),
    bench.launch('coordinator'),
    createJob(
      bench.ledger,
      id,
      parseJob({
        name: 'waits',
        objective: {
          kind: 'module',
          module: 'waits',
          metric: { name: 'x', direction: 'minimize' },
          options: { folder },
        },
        space: { x: { type: 'float', low: 0, high: 1 } },
        search: { algorithm: 'random', trials: 2, maxParallelism: 2 },
      }),
    ),
  ]);
  const pids = await waitUntil(() => {
    const found = readText(join(folder, 'pids')).split(' ').filter(Boolean).map(Number);
    return found.length === 4 ? found : null;
  }, 60_000);
  expect(pids.map(isAlive)).toEqual([true, true, true, true]);

  await first.end('SIGKILL');
  await waitUntil(() => !pids.some(isAlive), 5_000);
  writeFileSync(join(folder, 'go'), '');
  await worker('second');
  expect(await bench.waitUntilFinished(id, 60_000)).toMatchObject({
    state: 'completed',
    counts: { complete: 2, failed: 0 },
  });
  const attempts = (await bench.trials(id)).map((trial) =>
    trial.attempts.map(({ worker: by, outcome }) => [by, outcome]),
  );
  expect(attempts).toEqual(
    [0, 1].map(() => [
      ['first', 'expired'],
      ['second', 'reported'],
    ]),
  );
  await waitUntil(() => !readText(join(folder, 'pids')).split(' ').filter(Boolean).map(Number).some(isAlive), 5_000);
});

function readText(file: string): string {
  return readFileSync(file, { encoding: 'utf8', flag: 'a+' });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
