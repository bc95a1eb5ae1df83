import { setTimeout as sleep } from 'node:timers/promises';
import type { Signals } from '@gradsmith/core/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../waiting.ts';

export interface SignalsBacking {
  signals: Signals;
  dispose(): Promise<void>;
}

/** Tests Signals. A signal may be lost, so tests publish until one arrives. */
export function signalsConformance(name: string, make: () => Promise<SignalsBacking>): void {
  describe(`${name}: signals`, () => {
    let backing: SignalsBacking;
    beforeEach(async () => {
      backing = await make();
    });
    afterEach(async () => backing.dispose());

    const publishUntil = async (jobId: string, arrived: () => boolean): Promise<void> => {
      await waitUntil(async () => {
        backing.signals.publish(jobId);
        await sleep(10);
        return arrived();
      });
    };

    test('wake every listener with the job’s id', async () => {
      const first: string[] = [];
      const second: string[] = [];
      backing.signals.subscribe((jobId) => first.push(jobId));
      backing.signals.subscribe((jobId) => second.push(jobId));
      await publishUntil('job_1', () => first.length > 0 && second.length > 0);
      expect(new Set([...first, ...second])).toEqual(new Set(['job_1']));
    });

    test('do not wake who stopped listening', async () => {
      const gone: string[] = [];
      const here: string[] = [];
      const stop = backing.signals.subscribe((jobId) => gone.push(jobId));
      backing.signals.subscribe((jobId) => here.push(jobId));
      await publishUntil('before', () => gone.length > 0);
      stop();
      await publishUntil('after', () => here.includes('after'));
      expect(gone).not.toContain('after');
    });

    test('publishing never throws and never calls a listener within the call', async () => {
      let calls = 0;
      backing.signals.subscribe(() => {
        calls += 1;
      });
      await publishUntil('job_1', () => calls > 0);
      const before = calls;
      backing.signals.publish('job_1');
      expect(calls).toBe(before);
      await backing.signals.close();
      backing.signals.publish('job_1');
    });
  });
}
