import { execFileSync } from 'node:child_process';
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from './clock.ts';

/** What happens when a process uses the files that a fault affects. */
export type DiskFault =
  | { kind: 'slow'; syncMs: number }
  /** A write, or a sync, fails with this error. */
  | { kind: 'write' | 'sync'; error: keyof typeof errorNumbers }
  /** A read fails. */
  | { kind: 'read'; error: 'EIO' };

const errorNumbers = { EIO: 5, ENOSPC: 28 };

/** The clock of a process and a part of its disk. */
export interface ProcessFaults extends Clock {
  /** Null: the disk works. */
  setDisk(fault: DiskFault | null): void;
}

/**
 * Creates a clock and a disk for a process. The disk's faults affect files whose path contains `affected`. A few lines
 * of C replace the calls by which the process reads the time, reads, writes and syncs: libfaketime has no disk, and
 * deadlocks with Redis' memory allocator. Returns null if no C compiler is installed.
 */
export function createProcessFaults(folder: string, name: string, affected: string): ProcessFaults | null {
  const library = join(folder, `${name}-faults.so`);
  const source = fileURLToPath(new URL('process-faults.c', import.meta.url));
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const file = join(folder, `${name}.faults`);
  writeFileSync(file, '0'.padEnd(48));
  const open = openSync(file, 'r+');
  // Overwrites in place: the process maps the file into memory and would crash if it were empty for a moment.
  const write = (text: string, at: number): void => void writeSync(open, text.padEnd(24), at);
  return {
    env: { LD_PRELOAD: library, CHAOS_FAULTS: file, CHAOS_DISK: affected },
    set: (offsetS) => write(`${Math.round(offsetS * 1e6)}`, 0),
    setDisk: (fault) => write(fault ? encodeDiskFault(fault) : '0', 24),
  };
}

function encodeDiskFault(fault: DiskFault): string {
  if (fault.kind === 'slow') return `S${Math.round(fault.syncMs * 1e3)}`;
  const letters = { write: 'W', sync: 'F', read: 'R' };
  return `${letters[fault.kind]}${errorNumbers[fault.error]}`;
}
