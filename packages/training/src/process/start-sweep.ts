import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killMarkedProcesses, SWEEP_MARKER } from './kill-marked-processes.ts';

const SWEEP = fileURLToPath(new URL('./sweep.ts', import.meta.url));

/**
 * Starts a program that kills everything that a run leaves as soon as this process is gone. This process cannot do so
 * itself, because its other threads may start a program while it looks for them.
 */
export function startSweep(run: string): void {
  try {
    const { pid } = spawn(process.execPath, [SWEEP, run], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { [SWEEP_MARKER]: run },
    });
    if (pid !== undefined) return;
  } catch {
    // No file can be opened to start it.
  }
  killMarkedProcesses(run);
}
