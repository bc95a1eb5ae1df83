import { expect, test } from 'vitest';
import { exportJob, importJob, type JobDocument } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { invalidateTrial } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { World } from '../support/world.ts';

/** A job of a training whose best points were confirmed. */
async function exportConfirmedJob(invalidated?: string): Promise<JobDocument> {
  const world = new World();
  const id = await world.create(job());
  do {
    await world.round();
    world.store.now += 1_000;
  } while ((await world.work(id, (trial) => 1 + (trial.length % 7) / 10 + (trial.charCodeAt(0) % 5) / 100)).length);
  if (invalidated !== undefined) await invalidateTrial(world.ledger, id, invalidated, 'wrong data');
  return exportJob(world.ledger, id);
}

async function importChanged(document: JobDocument, change: (job: JobDocument['job']) => void): Promise<unknown> {
  const changed = structuredClone(document);
  change(changed.job);
  return importJob(new Ledger(new MemoryStore()), changed).catch((error: Error) => error.message);
}

test('an imported document has the improvements, times and confirmed gain that follow from its trials', async () => {
  const document = await exportConfirmedJob();
  const { improvements, settledTimes, confirmedGain } = document.job;
  expect([improvements!.length > 1, settledTimes!.length, confirmedGain!.seeds]).toEqual([true, 6, 3]);
  expect(await importChanged(document, () => {})).toMatchObject({ created: true });
  // Earlier programs did not keep them.
  for (const field of ['improvements', 'settledTimes', 'confirmedGain'] as const)
    expect(await importChanged(document, (record) => delete record[field])).toMatchObject({ created: true });
  const wrong: [string, (record: JobDocument['job']) => void][] = [
    ['job.improvements', (record) => (record.improvements![0]![1] -= 0.5)],
    ['job.improvements', (record) => record.improvements!.reverse()],
    ['job.improvements', (record) => record.improvements!.pop()],
    ['job.improvements', (record) => (record.improvements![0]![0] += 1)],
    ['job.settledTimes', (record) => (record.settledTimes![2]! += 1)],
    ['job.extraTimes', (record) => (record.extraTimes![0]! += 1)],
    ['job.settledTimes', (record) => record.settledTimes!.push(record.settledTimes![0]!)],
    ['job.confirmedGain', (record) => (record.confirmedGain!.mean += 0.1)],
    ['job.confirmedGain', (record) => (record.confirmedGain!.interval = null)],
    ['job.confirmedGain', (record) => (record.confirmedGain!.seeds = 2)],
    ['job.confirmedGain', (record) => (record.confirmedGain!.trial = 99)],
    ['job.invalidated', (record) => (record.invalidated += 5)],
    ['job.reference', (record) => (record.reference! -= 0.5)],
    ['job.leaders', (record) => (record.leaders = [-99])],
    ['job.leaders', (record) => record.leaders.push(record.leaders[0]!)],
    ['job.closest', (record) => (record.closest = { number: 0, violation: 1, metric: 'x', value: 1, limit: 0 })],
  ];
  for (const [field, change] of wrong) expect(await importChanged(document, change)).toContain(`${field}: is not`);
});

test('a job with an invalidated trial can be imported', async () => {
  const { job: record } = await exportConfirmedJob();
  const document = await exportConfirmedJob(String(record.best!.number));
  expect(document.job.best!.number).not.toBe(record.best!.number);
  expect(document.job.invalidated).toBe(1);
  // An extension would otherwise create more trials than its budget.
  expect(await importChanged(document, (changed) => (changed.invalidated = 0))).toContain('job.invalidated: is not');
  expect(await importChanged(document, () => {})).toMatchObject({ created: true });
});
