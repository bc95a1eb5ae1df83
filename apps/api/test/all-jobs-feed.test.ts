import { LedgerUnavailable } from '@gradsmith/core/domain';
import { createJob, deleteJob, steerJob } from '@gradsmith/core/jobs';
import type { Log } from '@gradsmith/core/ports';
import { parseJob } from '@gradsmith/core/spec';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AllJobsFeed, type Reader } from '../src/events/all-jobs-feed.ts';
import { externalJob, silent, startApi } from './support.ts';

const id = 'job_00000000000000000000';
const WAIT = { timeout: 8_000 };

const deferred = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

/** Starts a service with one job, and a feed over its ledger. The test changes `store`. */
async function startFeed() {
  const { ledger, signals, store } = await startApi();
  await createJob(ledger, id, parseJob(externalJob));
  const errors: object[] = [];
  const log: Log = { ...silent, error: (fields) => errors.push(fields as object) };
  const feed = new AllJobsFeed(ledger, signals, log);
  onTestFinished(() => feed.close());
  return { feed, ledger, signals, store, errors };
}

async function expectEvent(reader: Reader, expected: object): Promise<void> {
  const events: unknown[] = [];
  await vi.waitFor(() => {
    events.push(...reader.take());
    expect(events).toContainEqual(expect.objectContaining(expected));
  }, WAIT);
}

test('loses no change for a reader while another first reader is opened', async () => {
  const { feed, ledger, store } = await startFeed();
  const [isRead, firstEnd, secondStart] = [deferred(), deferred(), deferred()];
  const list = store.list.bind(store);
  let lists = 0;
  store.list = async function* (query) {
    lists += 1;
    const number = lists;
    if (number === 2) await secondStart.promise;
    yield* list(query);
    if (number !== 1) return;
    isRead.resolve();
    await firstEnd.promise;
  };
  const first = feed.open(null);
  await isRead.promise;
  const second = feed.open(null);
  firstEnd.resolve();
  const reader = await first;
  // Without a signal, which may be lost.
  await steerJob(ledger, id, 'cancel');
  secondStart.resolve();
  await expectEvent(reader, { event: 'job', data: expect.objectContaining({ id, state: 'cancelled' }) });
  await expectEvent(await second, { event: 'job', data: expect.objectContaining({ id, state: 'cancelled' }) });
}, 30_000);

test('opens with an id after which a reader gets a job that finished before it received another event', async () => {
  const { feed, ledger } = await startFeed();
  const broken = await feed.open(null);
  const [opened, ...others] = broken.take();
  expect([opened!.event, others]).toEqual(['open', []]);
  await steerJob(ledger, id, 'cancel');
  broken.close();
  const resumed = await feed.open(Number(opened!.id));
  expect(resumed.take()).toMatchObject([{ event: 'job', data: { id, state: 'cancelled' } }]);
});

test('sends a change that could not be read at first, because the ledger did not answer', async () => {
  const { feed, ledger, signals, store } = await startFeed();
  // A job that has finished is not read unless a signal comes.
  await steerJob(ledger, id, 'cancel');
  const reader = await feed.open(null);
  await deleteJob(ledger, id);
  const read = store.read.bind(store);
  let refused = 0;
  store.read = async (jobId, fields) => {
    refused += 1;
    if (refused === 1) throw new LedgerUnavailable('gone');
    return read(jobId, fields);
  };
  signals.publish(id);
  await expectEvent(reader, { event: 'deleted', data: { job: id } });
  expect(refused).toBeGreaterThan(1);
}, 30_000);

test('opens a reader after the ledger refused another one', async () => {
  const { feed, ledger, store } = await startFeed();
  const list = store.list.bind(store);
  const refusal = new LedgerUnavailable('gone');
  store.list = async function* () {
    yield await Promise.reject<string[]>(refusal);
  };
  const refused = await Promise.allSettled([feed.open(null), feed.open(null)]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  store.list = list;
  const reader = await feed.open(null);
  await steerJob(ledger, id, 'cancel');
  await expectEvent(reader, { event: 'job', data: expect.objectContaining({ id, state: 'cancelled' }) });
}, 30_000);

test('reads each active job once for a poll, and those that have finished since', async () => {
  const { feed, ledger, store } = await startFeed();
  const ids = [id, ...Array.from({ length: 9 }, (_, i) => `job_0000000000000000001${i}`)];
  for (const other of ids.slice(1)) await createJob(ledger, other, parseJob(externalJob));
  const reader = await feed.open(null);
  const polls: string[][] = [];
  const { read, list } = store;
  store.list = (query) => {
    polls.push([]);
    return list.call(store, query);
  };
  store.read = async (jobId, fields) => {
    polls.at(-1)?.push(jobId);
    return read.call(store, jobId, fields);
  };
  await vi.waitFor(() => expect(polls.length).toBe(2), WAIT);
  expect(polls[0]!.toSorted()).toEqual(ids);
  // Without a signal, which may be lost.
  await steerJob(ledger, id, 'cancel');
  await expectEvent(reader, { event: 'job', data: expect.objectContaining({ id, state: 'cancelled' }) });
}, 30_000);

test('logs an error of a poll, but not that the ledger is unavailable, and goes on', async () => {
  const { feed, ledger, store, errors } = await startFeed();
  const reader = await feed.open(null);
  const list = store.list.bind(store);
  const failures = [new LedgerUnavailable('gone'), new TypeError('a fault')];
  store.list = (query) => {
    const failure = failures.shift();
    if (failure) throw failure;
    return list(query);
  };
  await vi.waitFor(() => expect(failures).toEqual([]), WAIT);
  await steerJob(ledger, id, 'cancel');
  await expectEvent(reader, { event: 'job', data: expect.objectContaining({ id, state: 'cancelled' }) });
  expect(errors).toEqual([{ err: new TypeError('a fault') }]);
}, 30_000);
