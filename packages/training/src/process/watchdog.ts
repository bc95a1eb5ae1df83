// A thread of a trainer process, whose main thread never yields. It kills the process when the parent is gone (even
// if the parent was killed) or when the process uses too much memory, which it first reports to the parent.
//
// Only the parent holds the other end of the pipe, so the operating system closes it however the parent exits.
import { Socket } from 'node:net';
import { memoryUsage } from 'node:process';
import { workerData } from 'node:worker_threads';
import { startSweep } from './start-sweep.ts';
import { WATCHDOG_FD } from './watchdog-fd.ts';

interface WatchdogOptions {
  memoryLimit: number;
  /** The run whose processes are killed with this one, which then leads a process group. */
  run?: string;
}

const CHECK_EVERY_MS = 200;
const { memoryLimit, run } = workerData as WatchdogOptions;
const parent = new Socket({ fd: WATCHDOG_FD, readable: true, writable: true });

parent.on('error', killProcess).on('close', killProcess).resume();
setInterval(() => {
  const resident = memoryUsage.rss();
  if (resident > memoryLimit) parent.end(`memory ${resident}\n`, killProcess);
}, CHECK_EVERY_MS);

/** Kills the process, even if its main thread never yields, and everything that its run has started. */
function killProcess(): void {
  if (run === undefined) process.kill(process.pid, 'SIGKILL');
  else {
    startSweep(run);
    process.kill(-process.pid, 'SIGKILL');
  }
}
