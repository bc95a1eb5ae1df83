import { useSyncExternalStore } from 'react';

const EVERY_MS = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/**
 * Returns the time, and again every second while `isRunning`, for durations that grow. All parts of the page get the
 * same time, so that a trial never runs for longer than it exists.
 */
export function useNow(isRunning: boolean): number {
  return useSyncExternalStore(isRunning ? subscribe : ignore, readNow);
}

function ignore(): () => void {
  return () => {};
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** Nothing moves the time on while no part of the page needs it. */
function readNow(): number {
  if (!timer && Date.now() - now >= EVERY_MS) now = Date.now();
  return now;
}
