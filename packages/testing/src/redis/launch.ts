import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export const IMAGE = 'redis:7-bookworm';

/** A redis-server that was started. */
export interface Launched {
  /** Its process id on this machine; null where it runs in a container. */
  pid: number | null;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Resolves when it has exited. */
  exited: Promise<unknown>;
  hasExited(): boolean;
}

export interface Launcher {
  container: boolean;
  start(args: readonly string[], folder: string): Launched;
}

/** Starts the binary as a child with this environment. */
export function launchProcess(binary: string, env: NodeJS.ProcessEnv): Launcher {
  const start = (args: readonly string[]): Launched => {
    const child = spawn(binary, args, { env, stdio: 'ignore' });
    const exited = once(child, 'exit');
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    return {
      pid: child.pid!,
      signal: async (name) => void child.kill(name),
      exited,
      hasExited: () => child.exitCode !== null || child.signalCode !== null,
    };
  };
  return { container: false, start };
}

/** Starts it in a container that shares the host's network and the folder, so that it behaves like a process. */
export function launchContainer(engine: string): Launcher {
  const start = (args: readonly string[], folder: string): Launched => {
    const name = `gradsmith-test-${randomUUID()}`;
    const user = `${process.getuid!()}:${process.getgid!()}`;
    const child = spawn(
      engine,
      [
        'run',
        '--rm',
        '--name',
        name,
        '--network',
        'host',
        '--user',
        user,
        '-v',
        `${folder}:${folder}`,
        IMAGE,
        'redis-server',
        ...args,
      ],
      { stdio: 'ignore' },
    );
    return {
      pid: null,
      signal: async (signal) => void (await promisify(execFile)(engine, ['kill', '--signal', signal, name])),
      exited: once(child, 'exit'),
      hasExited: () => child.exitCode !== null || child.signalCode !== null,
    };
  };
  return { container: true, start };
}

/** The path of an executable, or null where the PATH has none. */
export function findOnPath(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return null;
}
