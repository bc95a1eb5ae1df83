import { readdirSync, readFileSync } from 'node:fs';

/** The environment variable by which the processes of one module run are found: children inherit it. */
export const RUN_MARKER = 'GRADSMITH_MODULE_RUN';

/** A process that starts others faster than they are found must not keep its caller for ever. */
const MOST_ROUNDS = 50;

/**
 * Kills every process that was started with the marker of this run, and the descendants of such processes, in whatever
 * session or process group they are. The calling process is spared. Needs Linux's /proc; does nothing without it.
 *
 * Not found: a process that was started with a cleared environment and whose parent has ended.
 */
export function killMarkedProcesses(run: string): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = listMarkedProcesses(run);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended, or it runs as another user.
      }
    }
  }
}

/** Returns the processes of a run that have not ended. */
export function listMarkedProcesses(run: string): number[] {
  const parents = new Map<number, number>();
  const marked = new Set<number>();
  for (const name of listProcesses()) {
    const pid = Number(name);
    try {
      // After the program's name, which may hold anything: its state and its parent.
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      if (state === 'Z' || state === 'X') continue;
      parents.set(pid, Number(parent));
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
      if (environment.includes(`${RUN_MARKER}=${run}`)) marked.add(pid);
    } catch {
      // It has ended, or it is another user's.
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
