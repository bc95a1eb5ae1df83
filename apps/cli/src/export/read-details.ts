import { setTimeout as delay } from 'node:timers/promises';
import type { TrialDetail, TrialResource } from '@gradsmith/contract';
import type { Host } from '../hosts/host.ts';

/** Trials in one page. */
const PAGE = 500;
/** Trials that are read ahead with their curves. */
const AHEAD = 8;

/** A service limits the requests of a minute, and an export makes one for each trial. */
const BUSY = 429;
const BUSY_PAUSE_MS = 5_000;
const BUSY_TRIES = 24;

/** Reads the trials of a job page by page, so that a job of any size takes little memory. */
export async function* readTrials(host: Host, id: string): AsyncGenerator<TrialResource> {
  let cursor: string | undefined;
  do {
    const page = await host.trials(id, { limit: PAGE, cursor });
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Reads the trials of a job with their curves, in the order of the list, a few at the same time. */
export async function* readTrialDetails(
  host: Host,
  id: string,
  wait: (ms: number) => Promise<unknown> = delay,
): AsyncGenerator<TrialDetail> {
  const ahead: Promise<TrialDetail>[] = [];
  for await (const trial of readTrials(host, id)) {
    const detail = readPatiently(async () => host.trial(id, trial.id), wait);
    // It is awaited later; until then, an error must not end the process.
    detail.catch(() => {});
    ahead.push(detail);
    if (ahead.length >= AHEAD) yield await ahead.shift()!;
  }
  for (const detail of ahead) yield await detail;
}

/** Lists the names of all metrics that trials of a job have besides its own, sorted. */
export async function listMetricNames(host: Host, id: string): Promise<string[]> {
  const names = new Set<string>();
  for await (const { metrics } of readTrials(host, id)) for (const name of Object.keys(metrics)) names.add(name);
  return [...names].sort();
}

/** Reads again after a pause if the service refuses because of too many requests. */
async function readPatiently<T>(read: () => Promise<T>, wait: (ms: number) => Promise<unknown>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if ((error as { status?: unknown }).status !== BUSY || tries >= BUSY_TRIES) throw error;
      await wait(BUSY_PAUSE_MS);
    }
  }
}
