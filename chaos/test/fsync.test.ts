// A kill cannot show a missing fsync: the page cache survives it. The system calls can.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { connectRedis } from '@gradsmith/redis';
import { jobSpec, MemoryLog, startRedisServer } from '@gradsmith/testing';
import { beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-fsync-'));

beforeAll(() => {
  const { status, stderr, error } = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(
      `this test reads system calls: install strace (Debian: apt-get install strace) and let it trace ` +
        `(in a container: --cap-add SYS_PTRACE). ${error?.message ?? stderr}`,
    );
});

test('Redis: the log is written and synced before the reply to a commit goes out', async () => {
  const server = await startRedisServer(process.env);
  const ports = await connectRedis({ url: server.url }, new MemoryLog());
  await ports.store.check();
  const fds = `/proc/${server.pid}/fd`;
  const log = readdirSync(fds).find((fd) => readlinkSync(join(fds, fd)) === server.logFile);
  const file = join(folder, 'redis.trace');
  const tracer = spawn(
    'strace',
    ['-f', '-s', '400', '-e', 'trace=write,fdatasync,fsync', '-o', file, '-p', String(server.pid)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await once(tracer.stderr, 'data');
  await createJob(new Ledger(ports.store), 'job_traced', jobSpec());
  tracer.kill('SIGINT');
  await once(tracer, 'exit');
  await ports.close();
  await server.stop();

  const calls = readFileSync(file, 'utf8').split('\n');
  const written = calls.findIndex(
    (call) => call.includes(`write(${log}, `) && call.includes('HSET') && call.includes('job:job_traced'),
  );
  const synced = calls.findIndex(
    (call, i) => i > written && (call.includes(`fdatasync(${log}`) || call.includes(`fsync(${log}`)),
  );
  // The script answers 1.
  const replied = calls.findIndex(
    (call, i) =>
      i > written && !call.includes(`write(${log}, `) && call.includes('write(') && call.includes('":1\\r\\n'),
  );
  expect(
    { written: written >= 0, syncedNext: synced > written, repliedAfter: replied > synced },
    calls.join('\n'),
  ).toEqual({ written: true, syncedNext: true, repliedAfter: true });
});

test('SQLite: the database is synced before a commit returns', async () => {
  const file = join(folder, 'sqlite.trace');
  const program = new URL('../src/load/commit-once.ts', import.meta.url).pathname;
  const tracer = spawn(
    'strace',
    [
      '-f',
      '-y',
      '-s',
      '200',
      '-e',
      'trace=write,pwrite64,fdatasync,fsync',
      '-o',
      file,
      process.execPath,
      program,
      join(folder, 'ledger.db'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(tracer, 'exit');
  await delay(0);

  const calls = readFileSync(file, 'utf8').split('\n');
  const before = calls.findIndex((call) => call.includes('about to commit'));
  const after = calls.findIndex((call) => call.includes('committed'));
  const written = calls.findIndex((call, i) => i > before && /pwrite64\(\d+<.*ledger\.db/.test(call));
  const lastWritten = calls.findLastIndex(
    (call, i) => i > before && i < after && /pwrite64\(\d+<.*ledger\.db(-wal|-journal)?>/.test(call),
  );
  const synced = calls.findLastIndex((call, i) => i < after && /f(data)?sync\(\d+<.*ledger\.db/.test(call));
  expect(
    { written: before >= 0 && written > before && written < after, synced: synced > lastWritten },
    calls.slice(before).join('\n'),
  ).toEqual({ written: true, synced: true });
});
