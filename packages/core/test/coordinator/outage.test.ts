import { expect, test } from 'vitest';
import { runCoordinator } from '../../src/coordinator/index.ts';
import { LedgerUnavailable } from '../../src/domain/index.ts';
import { type LedgerStore } from '../../src/ledger/index.ts';
import { job } from '../support/jobs.ts';
import { silent, World } from '../support/world.ts';

const MINUTE = 60_000;

/** Runs a coordinator over a disk that is full for `fullMs`, and for as long after it. Returns its log. */
async function logFullDisk(fullMs: number): Promise<string[]> {
  const world = new World();
  await world.create(job());
  const store: LedgerStore = world.store;
  const commitOrRead = store.commitOrRead.bind(store);
  let now = 0;
  // Only writes fail.
  store.commitOrRead = async (...args) => {
    if (now < fullMs) throw new LedgerUnavailable('the disk is full');
    return commitOrRead(...args);
  };
  const stop = new AbortController();
  const lines: string[] = [];
  const note = (_: object, message: string): void => void lines.push(message);
  await runCoordinator(
    {
      ledger: world.ledger,
      dispatcher: {
        send: async () => {},
        findMissing: async () => [],
        consume: () => ({ async close() {} }),
        async close() {},
      },
      suggester: { versions: {}, close: async () => {}, suggest: async () => [] },
      workers: { listLive: async () => [], announce: async () => {}, withdraw: async () => {} },
      signals: { publish() {}, subscribe: () => () => {}, close: async () => {} },
      clock: {
        monotonic: () => now,
        sleep: async (ms) => {
          await new Promise(setImmediate);
          now += ms;
          if (now > 2 * fullMs) stop.abort();
        },
      },
      log: { ...silent, info: note, error: note },
      owner: 'one',
      leaseMs: 10_000,
      trialLeaseMs: 30_000,
      everyMs: 1_000,
    },
    stop.signal,
  );
  return lines;
}

const START = 'the ledger does not answer; trying until it does';
const END = 'the ledger answers again';

test('logs one outage of a ledger that is read but not written, and its end', async () => {
  expect(await logFullDisk(5 * MINUTE)).toEqual([START, END]);
});

test('logs an outage again if it lasts for long', async () => {
  expect(await logFullDisk(25 * MINUTE)).toEqual([START, START, START, END]);
});
