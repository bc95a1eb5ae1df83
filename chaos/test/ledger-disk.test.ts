// The disk of an embedded ledger is full, broken or slow while a job runs. The message names the place and the remedy,
// and the job completes with exact counts once the disk works again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Ledger } from '@gradsmith/core/ledger';
import { SqliteStore } from '@gradsmith/embedded';
import { waitUntil } from '@gradsmith/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessFaults, type DiskFault } from '../src/cluster/process-faults.ts';

const TRIALS = 60;
const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const specification = {
  name: 'disk',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 200, validation: 200 },
    network: { name: 'mlp' },
    optimizer: { name: 'adam', learningRate: 0.1 },
    backend: 'cpu',
    epochs: 20,
    batchSize: 200,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    metric: 'aulc',
    seed: 1,
  },
  search: { algorithm: 'random', trials: TRIALS, maxParallelism: 2 },
  confirm: { top: 0, seeds: 0 },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradsmith-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the embedded ledger', () => {
  const faults: [string, DiskFault, RegExp][] = [
    [
      'full',
      { kind: 'write', error: 'ENOSPC' },
      /ledger \S+ledger\.sqlite is not available: the disk is full; free space/,
    ],
    ['broken', { kind: 'write', error: 'EIO' }, /ledger \S+ledger\.sqlite is not available: .*check the disk/],
    ['unable to sync', { kind: 'sync', error: 'EIO' }, /ledger \S+ledger\.sqlite is not available: .*check the disk/],
    ['slow', { kind: 'slow', syncMs: 300 }, /^/],
  ];

  test.each(faults)('completes a job with exact counts although its disk was %s', async (_, fault, message) => {
    const disk = createProcessFaults(folder, 'run', 'ledger.sqlite')!;
    const run = startRun(disk.env);
    const ledger = new Ledger(await openStore());
    await waitUntil(async () => (await countComplete(ledger)) >= 3, 60_000);
    disk.setDisk(fault);
    await delay(4_000);
    disk.setDisk(null);
    expect(await run.exitCode, run.output()).toBe(0);
    expect(run.output()).toMatch(message);
    await expectExactCounts(ledger);
    await ledger.close();
  });

  test('ends at the first signal on a full disk, and says once why and what is not recorded', async () => {
    const disk = createProcessFaults(folder, 'run', 'ledger.sqlite')!;
    const run = startRun(disk.env);
    const ledger = new Ledger(await openStore());
    await waitUntil(async () => (await countComplete(ledger)) >= 3, 60_000);
    disk.setDisk({ kind: 'write', error: 'ENOSPC' });
    await delay(4_000);
    const stoppedAt = performance.now();
    run.stop();
    expect(await run.exitCode, run.output()).toBe(130);
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
    expect(run.output()).toMatch(/the results? of \d trials? (is|are) not recorded, because the ledger could not be/);
    expect(run.output().match(/the disk is full; free space there/g)).toHaveLength(1);
    expect(run.output()).not.toMatch(/stack|    at /);
    disk.setDisk(null);
    await ledger.close();
    expect(await startRun({}).exitCode).toBe(0);
  });

  test('refuses to create a ledger on a full disk, and leaves no file', async () => {
    const disk = createProcessFaults(folder, 'run', 'ledger.sqlite')!;
    disk.setDisk({ kind: 'write', error: 'ENOSPC' });
    const run = startRun(disk.env);
    expect(await run.exitCode).not.toBe(0);
    expect(run.output()).toMatch(/ledger\.sqlite is not available: the disk is full; free space/);
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  });

  function startRun(env: NodeJS.ProcessEnv): {
    exitCode: Promise<number | null>;
    output(): string;
    stop(): void;
  } {
    const file = join(folder, 'job.json');
    writeFileSync(file, JSON.stringify(specification));
    const data = join(folder, 'data');
    const child = spawn(process.execPath, [cli, 'run', file, '--data', data, '--slots', '2', '--plain'], {
      env: { ...process.env, ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    return {
      exitCode: once(child, 'close').then(([code]) => code as number | null),
      output: () => text,
      stop: () => void child.kill('SIGINT'),
    };
  }

  async function openStore(): Promise<SqliteStore> {
    const file = join(folder, 'data', 'ledger.sqlite');
    return waitUntil(async () => SqliteStore.open({ file }).catch(() => null), 60_000);
  }

  async function countComplete(ledger: Ledger): Promise<number> {
    for await (const id of ledger.listJobs()) return (await ledger.readJob(id)).job.counts.complete;
    return 0;
  }

  async function expectExactCounts(ledger: Ledger): Promise<void> {
    for await (const id of ledger.listJobs()) {
      const { job } = await ledger.readJob(id);
      expect(job.state).toBe('completed');
      expect(job.counts.complete + job.counts.diverged).toBe(TRIALS);
      const trials = (await ledger.readAllTrials(job)).filter(({ role }) => role === 'search');
      expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_unused, n) => n));
      for (const { attempts } of trials)
        expect(attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
    }
  }
});
