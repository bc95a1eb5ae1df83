import { execFileSync } from 'node:child_process';
import { globSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process's wall clock, which can be set while it runs. Its monotonic clock goes on, as it does in reality. */
export interface Clock {
  env: NodeJS.ProcessEnv;
  /** Sets it so many seconds off the true time. */
  set(offsetS: number): void;
}

/** By libfaketime, for a Node process; null where that is not installed. */
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
 * For redis-server, whose clock decides leases. libfaketime cannot be used there (its memory allocator reads the clock
 * while it starts, and both wait for each other), so a few lines of C change the one call that Redis reads the time by.
 * Null where no C compiler is installed.
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
  // In its place: the server has the file mapped, and would die of one that is empty for a moment.
  const set = (offsetS: number): void => void writeSync(open, `${Math.round(offsetS * 1e6)}`.padEnd(24), 0);
  return { env: { LD_PRELOAD: library, CHAOS_CLOCK: file }, set };
}
