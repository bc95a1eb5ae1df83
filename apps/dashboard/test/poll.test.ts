import { expect, onTestFinished, test, vi } from 'vitest';
import { poll } from '../src/poll.ts';
import { openWindow } from './page.ts';

function setUp(run: () => Promise<void>) {
  const window = openWindow();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const stop = new AbortController();
  const outcomes: (number | null)[] = [];
  const polling = poll(run, {
    everyMs: 1_000,
    signal: stop.signal,
    onOutcome: (failure) => outcomes.push(failure && failure.retryMs),
  });
  const hide = (hidden: boolean): void => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    window.document.dispatchEvent(new window.Event('visibilitychange'));
  };
  return { polling, stop, outcomes, hide };
}

test('runs again and again, each time after the previous run has finished', async () => {
  const run = vi.fn(async () => {});
  setUp(run);
  await vi.advanceTimersByTimeAsync(3_500);
  expect(run).toHaveBeenCalledTimes(4);
});

test('failures double the pause, up to half a minute, and a success resets it', async () => {
  let fails = true;
  const { outcomes } = setUp(async () => {
    if (fails) throw new Error('away');
  });
  await vi.advanceTimersByTimeAsync(100_000);
  expect(outcomes).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  fails = false;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(outcomes.slice(7, 10)).toEqual([null, null, null]);
});

test('pauses while the page is hidden and runs at once when it is visible again', async () => {
  const run = vi.fn(async () => {});
  const { hide } = setUp(run);
  await vi.advanceTimersByTimeAsync(0);
  hide(true);
  await vi.advanceTimersByTimeAsync(60_000);
  const asleep = run.mock.calls.length;
  expect(asleep).toBeLessThanOrEqual(2);
  hide(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(run).toHaveBeenCalledTimes(asleep + 1);
});

test('a request to run during a run causes one more run', async () => {
  let end = (): void => {};
  const run = vi.fn(() => new Promise<void>((resolve) => (end = resolve)));
  const { polling } = setUp(run);
  polling.now();
  polling.now();
  expect(run).toHaveBeenCalledTimes(1);
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(run).toHaveBeenCalledTimes(2);
});

test('an aborted polling stops', async () => {
  const run = vi.fn(async () => {});
  const { stop, polling } = setUp(run);
  stop.abort();
  polling.now();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(run).toHaveBeenCalledTimes(1);
});
