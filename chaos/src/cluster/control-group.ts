import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Confines a process and its children as a container does: the kernel kills a process if they exceed the memory limit,
 * and they share the processors equally with every other group.
 */
export interface ControlGroup {
  add(pid: number): void;
  /** Returns how many processes the kernel has killed because of the memory limit. */
  countKills(): number;
  remove(): void;
}

/** Creates a group; returns null if this machine does not allow to create control groups. */
export function createControlGroup(name: string, memoryBytes: number): ControlGroup | null {
  // The first version of control groups has one hierarchy for memory and one for the processors.
  const isFirstVersion = existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const [memory, ...others] = isFirstVersion
    ? [join('/sys/fs/cgroup/memory', name), join('/sys/fs/cgroup/cpu', name)]
    : [join('/sys/fs/cgroup', name)];
  const folders = [memory!, ...others];
  try {
    for (const folder of folders) mkdirSync(folder);
    writeFileSync(join(memory!, isFirstVersion ? 'memory.limit_in_bytes' : 'memory.max'), String(memoryBytes));
  } catch {
    for (const folder of folders) removeFolder(folder);
    return null;
  }
  const events = join(memory!, isFirstVersion ? 'memory.oom_control' : 'memory.events');
  return {
    add: (pid) => {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    },
    countKills: () => Number(/oom_kill (\d+)/.exec(readFileSync(events, 'utf8'))?.[1] ?? 0),
    remove: () => {
      for (const folder of folders) removeFolder(folder);
    },
  };
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was not created, or a process in it has not exited yet. An empty group that stays behind costs nothing.
  }
}
