import { expect, test } from 'vitest';
import {
  exportJob,
  extendJob,
  importJob,
  jobDocumentSchema,
  retireJobs,
  type JobDocument,
} from '../../src/jobs/index.ts';
import { claimNotification } from '../../src/notifications/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const DAY = 24 * 3_600_000;

async function finishJob(world: World, id: string, value: (id: string) => number): Promise<void> {
  do await world.round();
  while ((await world.work(id, value)).length);
}

/** A job that completed, and another ledger, 100 days later, that it was imported into. */
async function importFinishedJob(): Promise<{ world: World; id: string; document: JobDocument }> {
  const source = new World();
  const spec = job({
    confirm: { top: 0, seeds: 0 },
    webhooks: [{ url: 'https://example.org/hook', on: ['best', 'finished'] }],
  } as object);
  const id = await source.create(spec);
  await finishJob(source, id, () => 1);
  const document = await exportJob(source.ledger, id);
  const world = new World();
  world.store.now = source.store.now + 100 * DAY;
  expect(await importJob(world.ledger, document)).toEqual({ id, created: true });
  return { world, id, document };
}

test('an imported job exports the same document, and a second import changes nothing', async () => {
  const {
    world: { ledger, store },
    id,
    document,
  } = await importFinishedJob();
  expect(await exportJob(ledger, id)).toEqual(document);
  store.now += DAY;
  expect(await importJob(ledger, document)).toEqual({ id, created: false });
});

test('reads the trials of a full budget, and the confirmations of a job that was extended often', async () => {
  const { document } = await importFinishedJob();
  const extras = Array.from({ length: 200 }, (_, point) =>
    Array.from({ length: 100 }, (_, seed) => `confirm-${point}-${seed}`),
  ).flat();
  const [trial] = document.trials;
  const whole = {
    ...document,
    job: { ...document.job, extras },
    trials: Array.from({ length: 120_000 }, () => trial!),
  };
  expect(jobDocumentSchema.safeParse(whole).error).toBeUndefined();
});

test('reads the progress of a program whose steps are large', async () => {
  const { document } = await importFinishedJob();
  const step = Number.MAX_SAFE_INTEGER;
  const [trial, ...trials] = document.trials;
  const pruning = { step, value: 1, threshold: 0.5 };
  const changed = { ...trial!, progress: { step, value: 1 }, pruning };
  expect(jobDocumentSchema.safeParse({ ...document, trials: [changed, ...trials] }).error).toBeUndefined();
});

test("sends no notification of an imported job's earlier events, but of new ones", async () => {
  const { world, id } = await importFinishedJob();
  expect(await claimNotification(world.ledger, id, 1_000)).toEqual({ notification: null, next: null });
  await extendJob(world.ledger, id, 8);
  await finishJob(world, id, (trial) => (trial === '7' ? 0.5 : 1));
  expect((await claimNotification(world.ledger, id, 1_000)).notification).toMatchObject({
    kind: 'best',
    job: { best: { number: 7 } },
  });
});

test('keeps an imported job as long as one that finished at the time of the import', async () => {
  const {
    world: { ledger, store },
    id,
  } = await importFinishedJob();
  const policy = { keepMs: DAY, archive: async () => {} };
  store.now += DAY;
  expect(await retireJobs(ledger, policy)).toEqual([]);
  store.now += 1;
  expect(await retireJobs(ledger, policy)).toEqual([id]);
});
