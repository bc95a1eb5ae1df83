import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A memory limit (control group) for a process and its children; the kernel kills a process that exceeds it. */
export interface MemoryLimit {
  add(pid: number): void;
  /** Returns how many processes the kernel has killed because of the limit. */
  countKills(): number;
  remove(): void;
}

/** Creates a limit; returns null if this machine does not allow to create control groups. */
export function createMemoryLimit(name: string, bytes: number): MemoryLimit | null {
  const old = existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const folder = join(old ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', name);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, old ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes));
  } catch {
    return null;
  }
  return {
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    countKills: () =>
      Number(
        /oom_kill (\d+)/.exec(readFileSync(join(folder, old ? 'memory.oom_control' : 'memory.events'), 'utf8'))?.[1] ??
          0,
      ),
    remove: () => {
      try {
        rmdirSync(folder);
      } catch {
        // A process in it has not exited yet. An empty group that stays behind costs nothing.
      }
    },
  };
}
