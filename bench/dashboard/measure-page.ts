import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';

/** What a browser measured while a page was opened. Times are since its navigation, ms. */
export interface Opening {
  readonly firstPaintMs: number;
  /** When the page changed last: everything is drawn. */
  readonly completeMs: number;
  readonly longestTaskMs: number;
  readonly bytes: number;
}

/** Without a change for this time, the page is complete, ms. */
const QUIET_MS = 2_000;

/** Notes tasks over 50 ms, and when elements were added or removed last. Runs before the page's code. */
const OBSERVER = `
  window.benchTasks = [];
  window.benchChangedAt = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.benchTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
  // Texts such as "3 s ago" change for ever; they are not new elements.
  new MutationObserver(() => {
    window.benchChangedAt = performance.now();
  }).observe(document, { childList: true, subtree: true });
`;

/** Counts bytes that arrive, as they are sent: compressed, and with their headers. */
export class NetworkMeter {
  #bytes = 0;
  readonly #seen = new Map<string, number>();

  constructor(session: CDPSession) {
    const add = (id: string, bytes: number): void => {
      this.#bytes += bytes;
      this.#seen.set(id, (this.#seen.get(id) ?? 0) + bytes);
    };
    session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      // The total includes headers and what was not counted as it came.
      add(requestId, Math.max(0, encodedDataLength - (this.#seen.get(requestId) ?? 0)));
      this.#seen.delete(requestId);
    });
  }

  /** Returns the bytes since the last call. */
  take(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}

export interface MeasuredPage {
  readonly page: Page;
  readonly session: CDPSession;
  readonly network: NetworkMeter;
}

/** Prepares a page for measurements. */
export async function preparePage(page: Page): Promise<MeasuredPage> {
  await page.addInitScript(OBSERVER);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  return { page, session, network: new NetworkMeter(session) };
}

/** Opens an address in a new document and measures until nothing changes any more. */
export async function measureOpening({ page, network }: MeasuredPage, address: string, sign: string): Promise<Opening> {
  await page.goto('about:blank');
  network.take();
  await page.goto(address);
  await page.locator(sign).first().waitFor({ timeout: 120_000 });
  await waitUntil(page, `performance.now() - window.benchChangedAt > ${QUIET_MS}`);
  const times = await page.evaluate<{ paint: number; changed: number; tasks: number[] }>(`({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    changed: window.benchChangedAt,
    tasks: window.benchTasks,
  })`);
  return {
    firstPaintMs: times.paint,
    completeMs: times.changed,
    longestTaskMs: Math.max(0, ...times.tasks),
    bytes: network.take(),
  };
}

/** Returns the JavaScript heap of the page after everything that nothing refers to was removed, bytes. */
export async function readHeap({ session }: MeasuredPage): Promise<number> {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

/** Measures how long the page takes from an action of the user to what it shall show, ms. */
export async function measureAction(page: Page, act: () => Promise<void>, condition: string): Promise<number> {
  const start = performance.now();
  await act();
  await waitUntil(page, condition);
  return performance.now() - start;
}

/** Waits until an expression is true. The policy of the page forbids playwright's own function for it. */
export async function waitUntil(page: Page, condition: string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await page.evaluate<boolean>(condition))) {
    if (performance.now() > end) throw new Error(`never true: ${condition}`);
    await delay(10);
  }
}
