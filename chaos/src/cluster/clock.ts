import { execFileSync } from 'node:child_process';
import { globSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The wall clock of a process, which can be set while it runs. Its monotonic clock is not changed. */
export interface Clock {
  env: NodeJS.ProcessEnv;
  /** Sets the clock to the true time plus this offset, s. */
  set(offsetS: number): void;
}

/** Creates a clock for a Node process with libfaketime; returns null if libfaketime is not installed. */
export function fakeClock(folder: string, name: string): Clock | null {
  const [library] = globSync('/usr/lib*/{,*/}faketime/libfaketimeMT.so.1');
  if (!library) return null;
  const file = join(folder, `${name}.clock`);
  const set = (offsetS: number): void => writeFileSync(file, `${offsetS >= 0 ? '+' : ''}${offsetS}\n`);
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}

/** What happens when redis-server writes its log or syncs it. */
export type DiskFault =
  | { kind: 'slow'; syncMs: number }
  /** A write, or a sync, fails with this error. */
  | { kind: 'write' | 'sync'; error: keyof typeof errorNumbers };

const errorNumbers = { EIO: 5, ENOSPC: 28 };

/** The clock and the disk of redis-server. */
export interface RedisFaults extends Clock {
  /** Null: the disk works. */
  setDisk(fault: DiskFault | null): void;
}

/**
 * Creates a clock and a disk for redis-server. Its time decides leases. libfaketime deadlocks with Redis' memory
 * allocator, so a few lines of C replace the calls by which Redis reads the time and writes its log. Returns null if no
 * C compiler is installed.
 */
export function createRedisFaults(folder: string): RedisFaults | null {
  const library = join(folder, 'redis-faults.so');
  try {
    execFileSync(
      'cc',
      ['-shared', '-fPIC', '-O1', '-o', library, fileURLToPath(new URL('redis-faults.c', import.meta.url)), '-ldl'],
      { stdio: 'ignore' },
    );
  } catch {
    return null;
  }
  const file = join(folder, 'redis.faults');
  writeFileSync(file, '0'.padEnd(48));
  const open = openSync(file, 'r+');
  // Overwrites in place: the server maps the file into memory and would crash if it were empty for a moment.
  const write = (text: string, at: number): void => void writeSync(open, text.padEnd(24), at);
  return {
    env: { LD_PRELOAD: library, CHAOS_FAULTS: file },
    set: (offsetS) => write(`${Math.round(offsetS * 1e6)}`, 0),
    setDisk: (fault) => write(fault ? encodeDiskFault(fault) : '0', 24),
  };
}

function encodeDiskFault(fault: DiskFault): string {
  if (fault.kind === 'slow') return `S${Math.round(fault.syncMs * 1e3)}`;
  return `${fault.kind === 'write' ? 'W' : 'F'}${errorNumbers[fault.error]}`;
}
