import { expect, test, vi } from 'vitest';
import { waitForTrials } from '../src/ask-tell/wait-for-trials.ts';
import { Watch } from '../src/events/watch.ts';
import { externalJob, startApi } from './support.ts';
import { create } from './work.ts';

test('an ask that waits is answered at once when the service stops, and reads the ledger once', async () => {
  // Without a coordinator, the job has no trials.
  const { app, ledger, signals } = await startApi();
  const jobId = await create(app, externalJob);
  const watch = new Watch(signals);
  watch.close();
  const transact = vi.spyOn(ledger, 'transact');
  const asked = { jobId, attempts: ['f0d4a2a4-7f5e-4d9b-8a52-3f0f0c0e5a11'], worker: 'w', lease: '30s', wait: '500ms' };
  const answer = await waitForTrials({ ledger, watch }, { ...asked, isGone: () => false });
  expect(answer).toMatchObject({ answer: 'wait' });
  expect(transact).toHaveBeenCalledTimes(1);
});
