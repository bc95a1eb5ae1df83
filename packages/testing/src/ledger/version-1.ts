import { readFileSync } from 'node:fs';
import { decodeCurve } from '@gradsmith/core/domain';
import {
  acquireJobLease,
  advanceJobState,
  editJob,
  exportJob,
  importJob,
  jobDocumentSchema,
  listJobs,
  type JobQuery,
  upgradeDocument,
} from '@gradsmith/core/jobs';
import { Ledger, type LedgerStore, type StoreChange } from '@gradsmith/core/ledger';
import { claimNotification, settleNotification } from '@gradsmith/core/notifications';
import { askTrial, completeTrial, createTrial, enqueuePoint, startTrial } from '@gradsmith/core/trials';
import { beforeEach, describe, expect, test } from 'vitest';
import { LONG, createResult, RUNTIME, searchTrial } from './bench.ts';
import type { Stage } from './stage.ts';

// Written by version 1 of the records and never changed: the fields of four jobs, and one of them exported.
const readFixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8'));
const jobs = readFixture('ledger-v1.json') as Record<
  string,
  { index: NonNullable<StoreChange['index']>; fields: Record<string, unknown> }
>;
const halfDone = 'job_halfdone000000000000';
const finished = 'job_finished000000000000';
const imported = 'job_imported000000000000';
const external = 'job_external000000000000';
/** Words that only version 1 wrote. */
const oldWords = /endedAt|"(told|issue|begin|ended|waiting)"/;

/** Stores the fields as version 1 did. */
async function storeFixture(store: LedgerStore): Promise<void> {
  for (const [id, { index, fields }] of Object.entries(jobs)) {
    const writes = Object.entries(fields).map(
      ([field, value]) => [field, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    );
    expect(await store.commit(id, { expected: [], writes, index })).toBe(true);
  }
}

/** Reading and continuing what version 1 of the records stored and exported. */
export function version1Records(stage: Stage): void {
  describe('records of version 1', () => {
    let ledger: Ledger;
    beforeEach(async () => {
      await storeFixture(stage.store);
      ledger = new Ledger(stage.store);
    });

    test.each([halfDone, finished, imported, external])(
      '%s is read in full, in the words of this version',
      async (id) => {
        const document = jobDocumentSchema.parse(await exportJob(ledger, id));
        expect(JSON.stringify(document)).not.toMatch(oldWords);
        expect(JSON.stringify(jobs[id]!.fields)).toMatch(oldWords);
      },
    );

    test('a finished job keeps its trials, attempts, history and curves', async () => {
      const { job, trials, curves } = await exportJob(ledger, finished);
      expect(job).toMatchObject({ schema: 2, state: 'completed', best: { number: 1, value: 0.4 }, reference: 0.9 });
      expect(job.finishedAt).toBe((jobs[finished]!.fields.job as { endedAt: number }).endedAt);
      expect(trials.map(({ id, state }) => [id, state])).toEqual([
        ['0', 'complete'],
        ['1', 'complete'],
        ['2', 'pruned'],
        ['reference', 'complete'],
      ]);
      expect(trials[1]!.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'reported']);
      expect(trials[1]!.attempts.every(({ finishedAt }) => finishedAt !== null)).toBe(true);
      expect(trials[1]!.history.map(([, move]) => move)).toEqual(['create', 'start', 'retry', 'start', 'complete']);
      expect([...decodeCurve(curves['1']!)]).toEqual([1, 0.5]);
    });

    test('its jobs are listed by name, label and state, also after one of them changed', async () => {
      const list = async (query: Partial<JobQuery>): Promise<string[]> =>
        (await listJobs(ledger, { limit: 9, ...query })).items.map(({ id }) => id);
      const all = await list({});
      expect(all.toSorted()).toEqual(Object.keys(jobs).toSorted());
      for (const id of all) {
        const { job, spec } = await ledger.readJob(id);
        expect(await list({ fullName: spec.name })).toContain(id);
        expect(await list({ state: job.state })).toContain(id);
        expect(await list({ idStart: id.slice(0, 8) })).toEqual([id]);
      }
      await editJob(ledger, external, { name: 'renamed', labels: { team: 'vision' } });
      expect(await list({ name: 'renamed', labels: ['team:vision'] })).toEqual([external]);
    });

    test('a webhook is not notified again of what version 1 sent', async () => {
      expect(await claimNotification(ledger, finished, LONG)).toMatchObject({ notification: null });
      expect(await claimNotification(ledger, halfDone, LONG)).toMatchObject({ notification: null });
    });

    test('a job that is half done continues to its end', async () => {
      const complete = async (trialId: string, attemptId: string, value: number): Promise<void> => {
        const ref = { jobId: halfDone, trialId, attemptId };
        expect(await startTrial(ledger, ref, { worker: 'w', runtime: RUNTIME }, { leaseMs: LONG })).toMatchObject({
          kind: 'started',
        });
        expect(await completeTrial(ledger, ref, createResult(value))).toBe('reported');
      };
      // This attempt was started under version 1; so was the failed one before that of trial 2.
      await complete('1', '00000000-0000-4000-8000-00000000aaaa', 0.3);
      await complete('2', 'attempt-2', 0.6);
      await complete('3', 'attempt-3', 0.7);

      const lease = await acquireJobLease(ledger, halfDone, 'coordinator-2', LONG);
      expect(lease).toEqual({ kind: 'held', fence: 2 });
      const fenced = { jobId: halfDone, fence: 2 };
      expect(await enqueuePoint(ledger, halfDone, { key: 'first', caller: null }, { rate: 0.05 })).toMatchObject({
        added: false,
        trial: '0',
      });
      const enqueued = { kind: 'enqueued', seenSeq: 0, key: 'second' } as const;
      expect(await createTrial(ledger, fenced, { ...searchTrial(4), point: { rate: 0.06 }, source: enqueued })).toBe(
        'created',
      );
      expect(await createTrial(ledger, fenced, searchTrial(5))).toBe('created');
      expect(await createTrial(ledger, fenced, searchTrial(6))).toBe('no-budget');
      await complete('4', 'attempt-4', 0.8);
      await complete('5', 'attempt-5', 0.9);
      expect(await advanceJobState(ledger, fenced, 'complete')).toBe(true);

      const { job, trials } = jobDocumentSchema.parse(await exportJob(ledger, halfDone));
      expect(job).toMatchObject({ state: 'completed', best: { number: 1, value: 0.3 }, counts: { complete: 6 } });
      expect(trials[2]!.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'reported']);
      for (const kind of ['best', 'finished'] as const) {
        const { notification } = await claimNotification(ledger, halfDone, LONG);
        expect(notification).toMatchObject({ kind });
        await settleNotification(ledger, notification!, { kind: 'delivered' });
      }
      expect(await claimNotification(ledger, halfDone, LONG)).toMatchObject({ notification: null });
    });

    test('an external program completes the trial that it asked for under version 1', async () => {
      const attemptId = '00000000-0000-4000-8000-00000000bbbb';
      const asked = await askTrial(ledger, external, attemptId, 'program', { leaseMs: LONG });
      expect(asked).toMatchObject({ kind: 'trial', trial: { id: '0', point: { x: 0 } } });
      expect(await completeTrial(ledger, { jobId: external, trialId: '0', attemptId }, createResult(0.5))).toBe(
        'reported',
      );
      expect(await askTrial(ledger, external, 'next', 'program', { leaseMs: LONG })).toMatchObject({
        kind: 'trial',
        trial: { id: '1' },
      });
    });

    test('a document exported by version 1 is the job that version 1 stored', async () => {
      const document = jobDocumentSchema.parse(upgradeDocument(readFixture('exported-job-v1.json')));
      expect(await exportJob(ledger, finished)).toEqual(document);
      expect(await importJob(ledger, document)).toEqual({ id: finished, created: false });
      const copy = { ...document, job: { ...document.job, id: 'job_copy0000000000000000' } };
      expect(await importJob(ledger, copy)).toEqual({ id: copy.job.id, created: true });
      expect(await exportJob(ledger, copy.job.id)).toEqual(copy);
    });
  });
}
