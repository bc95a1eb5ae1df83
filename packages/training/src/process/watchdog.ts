// A thread beside the training, which itself never yields. It ends the process when the parent is gone, so that no
// trainer outlives even a parent that was killed, and when memory runs over, having told the parent so first.
//
// The pipe it holds has its other end in the parent alone: the operating system closes that end however the parent
// dies.
import { Socket } from 'node:net';
import { memoryUsage } from 'node:process';
import { workerData } from 'node:worker_threads';
import { WATCHDOG_FD } from './messages.ts';

const CHECK_EVERY_MS = 200;
const { memoryLimit, leader = false } = workerData as { memoryLimit: number; leader?: boolean };
const parent = new Socket({ fd: WATCHDOG_FD, readable: true, writable: true });

parent.on('error', end).on('close', end).resume();
setInterval(() => {
  const resident = memoryUsage.rss();
  if (resident > memoryLimit) parent.end(`memory ${resident}\n`, end);
}, CHECK_EVERY_MS);

/**
 * Ends the whole process, whatever its main thread is doing, and where it leads a group of its own, what it has
 * started.
 */
function end(): void {
  process.kill(leader ? -process.pid : process.pid, 'SIGKILL');
}
