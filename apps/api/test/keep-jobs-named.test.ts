import { LedgerUnavailable } from '@gradsmith/core/domain';
import { pino } from 'pino';
import { onTestFinished, expect, test, vi } from 'vitest';
import { call, startApi } from './support.ts';

test('jobs of an earlier version are indexed at the start and every ten seconds, also after an outage', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { app, ledger, logged } = await startApi();
  const naming = vi.spyOn(ledger, 'nameJobs');
  naming.mockRejectedValueOnce(new Error('a fault')).mockRejectedValueOnce(new LedgerUnavailable('an outage'));
  await call(app, 'GET', '/healthz');
  expect(naming).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(naming).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(naming).toHaveBeenCalledTimes(4);
  const levels = logged()
    .split('\n')
    .filter((line) => line.includes('jobs could not be added to the index'))
    .map((line) => JSON.parse(line).level);
  expect(levels).toEqual([pino.levels.values['error'], pino.levels.values['debug']]);
});
