import { readdirSync, readFileSync } from 'node:fs';

/** The environment variable that marks the processes of one module run. Children inherit it. */
export const RUN_MARKER = 'GRADSMITH_MODULE_RUN';

/** The environment variable that marks the program that kills what a run leaves. A process of the run starts it. */
export const SWEEP_MARKER = 'GRADSMITH_MODULE_SWEEP';

/** Limits the search, because a process might start others faster than they are found. */
const MOST_ROUNDS = 50;

/**
 * Kills every process that was started with the marker of this run, and the descendants of such processes, in any
 * session or process group. It spares the calling process and the run's sweep. Needs Linux's /proc; otherwise it does
 * nothing.
 *
 * It does not find a process that was started with a cleared environment and whose parent has exited, or with the
 * marker of the sweep.
 */
export function killMarkedProcesses(run: string): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = listMarkedProcesses(run);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process has exited, or it belongs to another user.
      }
    }
  }
}

/** Returns the running processes of a run. */
export function listMarkedProcesses(run: string): number[] {
  const parents = new Map<number, number>();
  const marked = new Set<number>();
  for (const name of listProcesses()) {
    const pid = Number(name);
    try {
      // State and parent follow the name of the program, which may contain any character.
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      if (state === 'Z' || state === 'X') continue;
      parents.set(pid, Number(parent));
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      if (environment.includes(`${RUN_MARKER}=${run}`)) marked.add(pid);
      if (environment.includes(`${SWEEP_MARKER}=${run}`)) parents.delete(pid);
    } catch {
      // The process has exited, or it belongs to another user.
    }
  }
  return [...parents.keys()].filter((pid) => pid !== process.pid && hasMarkedAncestor(pid, parents, marked));
}

function hasMarkedAncestor(pid: number, parents: ReadonlyMap<number, number>, marked: ReadonlySet<number>): boolean {
  for (let each: number | undefined = pid; each !== undefined; each = parents.get(each)) {
    if (marked.has(each)) return true;
  }
  return false;
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
