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

/**
 * Creates a clock for redis-server, whose time decides leases. libfaketime deadlocks with Redis' memory allocator, so a
 * few lines of C replace the one call by which Redis reads the time. Returns null if no C compiler is installed.
 */
export function redisClock(folder: string): Clock | null {
  const library = join(folder, 'redis-clock.so');
  try {
    execFileSync(
      'cc',
      ['-shared', '-fPIC', '-O1', '-o', library, fileURLToPath(new URL('redis-clock.c', import.meta.url)), '-ldl'],
      { stdio: 'ignore' },
    );
  } catch {
    return null;
  }
  const file = join(folder, 'redis.clock');
  writeFileSync(file, '0'.padEnd(24));
  const open = openSync(file, 'r+');
  // Overwrites in place: the server maps the file into memory and would crash if it were empty for a moment.
  const set = (offsetS: number): void => void writeSync(open, `${Math.round(offsetS * 1e6)}`.padEnd(24), 0);
  return { env: { LD_PRELOAD: library, CHAOS_CLOCK: file }, set };
}
