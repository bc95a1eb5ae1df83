// Asks for /healthz until it gets a message, and answers with the waits, ms. It is a separate thread: the attacker's
// event loop, which sends documents of many megabytes, must not count as a wait for the service.
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** Pause between two requests, ms. */
const PROBE_MS = 20;

const { url } = workerData as { url: string };
const stopped = new AbortController();
parentPort!.once('message', () => stopped.abort());
const waits: number[] = [];
while (!stopped.signal.aborted) {
  const start = performance.now();
  // The service is gone if the test has failed.
  const response = await fetch(`${url}/healthz`).catch(() => null);
  if (response === null) break;
  await response.text();
  waits.push(performance.now() - start);
  await delay(PROBE_MS);
}
parentPort!.postMessage(waits);
