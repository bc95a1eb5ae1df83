import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A memory limit on a process and all it starts (a control group); the kernel ends who exceeds it. */
export interface Cage {
  put(pid: number): void;
  /** How often the kernel has ended a process for its memory. */
  kills(): number;
  remove(): void;
}

/** Null where this machine lets us make no control group. */
export function memoryCage(name: string, bytes: number): Cage | null {
  const old = existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const folder = join(old ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', name);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, old ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes));
  } catch {
    return null;
  }
  return {
    put: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    kills: () =>
      Number(
        /oom_kill (\d+)/.exec(readFileSync(join(folder, old ? 'memory.oom_control' : 'memory.events'), 'utf8'))?.[1] ??
          0,
      ),
    remove: () => {
      try {
        rmdirSync(folder);
      } catch {
        // A process in it has not ended yet; an empty group costs nothing.
      }
    },
  };
}
