import { Conflict, InvalidInput } from '@gradsmith/core/domain';
import {
  createJob,
  deleteJob,
  editJob,
  exportJob,
  importJob,
  listJobs,
  steerJob,
  streamJobDocument,
} from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { parseJob } from '@gradsmith/core/spec';
import { describe, expect, test } from 'vitest';
import type { Stage } from './stage.ts';

const JOB = 'job_edited';

const spec = parseJob({
  name: 'first',
  labels: { team: 'vision', draft: 'yes' },
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: { x: { type: 'float', low: 0, high: 1 } },
  search: { trials: 4 },
});

/** How the ledger handles changes of name, labels and notes. */
export function testJobEdits(stage: Stage): void {
  const start = async (): Promise<Ledger> => {
    const ledger = new Ledger(stage.store);
    await createJob(ledger, JOB, spec);
    return ledger;
  };

  describe('an edited job', () => {
    test('has its new name, labels and notes for every reader, and keeps its posted specification', async () => {
      const ledger = await start();
      await editJob(ledger, JOB, { name: 'second', labels: { draft: null, owner: 'ada' }, notes: 'on *seed* 3' });
      const view = await new Ledger(await stage.open()).readJob(JOB);
      expect(view.spec).toEqual({ ...spec, name: 'second', labels: { team: 'vision', owner: 'ada' } });
      expect(view.details?.notes).toBe('on *seed* 3');
      expect(view.job.seq).toBe(1);
      expect(await ledger.readPostedSpec(JOB)).toEqual(spec);
      expect((await listJobs(ledger, { limit: 9, name: 'second', labels: ['owner:ada'] })).items).toHaveLength(1);
      expect((await listJobs(ledger, { limit: 9, labels: ['draft'] })).items).toEqual([]);
    });

    test('changes once, field by field', async () => {
      const ledger = await start();
      for (let i = 0; i < 2; i++) await editJob(ledger, JOB, { notes: 'a' });
      expect((await ledger.readJob(JOB)).job.seq).toBe(1);
      await Promise.all([
        editJob(ledger, JOB, { name: 'third' }),
        editJob(new Ledger(await stage.open()), JOB, { labels: { a: 'b' } }),
      ]);
      await editJob(ledger, JOB, { notes: null });
      const { spec: edited, details } = await ledger.readJob(JOB);
      expect([edited.name, edited.labels['a'], details?.notes]).toEqual(['third', 'b', undefined]);
    });

    test('is still found by the request that created it', async () => {
      const ledger = await start();
      await editJob(ledger, JOB, { name: 'second' });
      expect(await createJob(ledger, JOB, spec)).toMatchObject({ created: false });
      await expect(createJob(ledger, JOB, { ...spec, name: 'second' })).rejects.toThrow(Conflict);
    });

    test('takes its details along in its document', async () => {
      const ledger = await start();
      await editJob(ledger, JOB, { name: 'second', notes: 'text' });
      await steerJob(ledger, JOB, 'cancel', null);
      const document = await exportJob(ledger, JOB);
      expect(document).toMatchObject({ notes: 'text', spec: { name: 'second' } });
      let streamed = '';
      for await (const text of streamJobDocument(ledger, await ledger.readJob(JOB))) streamed += text;
      expect(JSON.parse(streamed)).toEqual(document);
      await deleteJob(ledger, JOB);
      await importJob(ledger, document);
      expect(await ledger.readJob(JOB)).toMatchObject({ details: { notes: 'text' }, spec: { name: 'second' } });
    });

    test('has no more labels than a new one', async () => {
      const ledger = await start();
      const labels = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`l${i}`, 'x']));
      await expect(editJob(ledger, JOB, { labels })).rejects.toThrow(InvalidInput);
      await editJob(ledger, JOB, { labels: { ...labels, draft: null } });
      expect(Object.keys((await ledger.readJob(JOB)).spec.labels)).toHaveLength(32);
    });
  });
}
