import { deriveEarlierJobId } from '@gradsmith/core/domain';
import { chooseJobId, createJob, exportJob, importJob, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { enqueuePoint } from '@gradsmith/core/trials';
import { describe, expect, test } from 'vitest';
import { Bench, jobSpec } from './bench.ts';
import type { Stage } from './stage.ts';

/** Tests which job and which point an idempotency key stands for. */
export function testIdempotencyKeys(stage: Stage): void {
  describe('an idempotency key', () => {
    test('stands for one job of its caller, in every process that opens the ledger', async () => {
      const ledger = new Ledger(stage.store);
      const id = await chooseJobId(ledger, 'nightly', 'alice');
      expect(id).toMatch(/^job_[0-9a-f]{20}$/);
      await createJob(ledger, id, jobSpec());
      const other = new Ledger(await stage.open());
      expect(await chooseJobId(other, 'nightly', 'alice')).toBe(id);
      expect(await createJob(other, id, jobSpec())).toMatchObject({ created: false });
      const others = await Promise.all([
        chooseJobId(other, 'nightly', 'bob'),
        chooseJobId(other, 'nightly', null),
        chooseJobId(other, 'weekly', 'alice'),
        chooseJobId(other, null, 'alice'),
        chooseJobId(other, null, 'alice'),
      ]);
      expect(new Set([id, ...others]).size).toBe(6);
    });

    test.each([null, 'alice'])('of caller %s does not tell the id of its job', async (caller) => {
      const id = await chooseJobId(new Ledger(stage.store), 'nightly', caller);
      expect(id).not.toBe(deriveEarlierJobId({ key: 'nightly', caller }));
    });

    test.each([null, 'alice'])('of caller %s finds the job that an earlier version created', async (caller) => {
      const ledger = new Ledger(stage.store);
      const earlier = deriveEarlierJobId({ key: 'nightly', caller });
      await createJob(ledger, earlier, jobSpec());
      expect(await chooseJobId(ledger, 'nightly', caller)).toBe(earlier);
      expect(await chooseJobId(ledger, 'nightly', 'bob')).not.toBe(earlier);
    });

    test('does not find a job that another caller imported under the id of an earlier version', async () => {
      const ledger = new Ledger(stage.store);
      const earlier = deriveEarlierJobId({ key: 'nightly', caller: 'alice' });
      await createJob(ledger, earlier, jobSpec());
      await steerJob(ledger, earlier, 'cancel');
      const document = await exportJob(ledger, earlier);
      await ledger.removeJob(earlier);
      await importJob(ledger, document);
      expect(await chooseJobId(ledger, 'nightly', 'alice')).not.toBe(earlier);
    });

    test('of another caller enqueues another point; one that an earlier version stored is found', async () => {
      const { ledger, jobId } = await Bench.running(stage.store);
      const enqueue = async (caller: string | null, rate: number) =>
        enqueuePoint(ledger, jobId, { key: 'best', caller }, { rate });
      expect(await enqueue('alice', 0.5)).toMatchObject({ key: 'best', added: true, ahead: 0 });
      expect(await enqueue('bob', 0.25)).toMatchObject({ key: 'best', added: true, ahead: 1 });
      expect(await enqueue('alice', 0.5)).toMatchObject({ key: 'best', added: false, ahead: 0 });
      await expect(enqueue('alice', 0.75)).rejects.toThrow('best');
      // Stored without a caller, as by a version before.
      expect(await enqueue(null, 0.125)).toMatchObject({ added: true, ahead: 2 });
      expect(await enqueue('carol', 0.125)).toMatchObject({ key: 'best', added: false, ahead: 2 });
    });
  });
}
