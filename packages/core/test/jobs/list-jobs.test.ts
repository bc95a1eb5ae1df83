import { expect, test } from 'vitest';
import { createJob, listJobs, steerJob } from '../../src/jobs/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const formatJobId = (n: number): string => `job_${String(n).padStart(20, '0')}`;

/** A ledger with jobs named `job-0`, `job-1`, …, each created a millisecond after the one before. */
async function ledgerWith(jobs: number): Promise<World> {
  const world = new World();
  const spec = job();
  for (let n = 0; n < jobs; n++) {
    world.store.now += 1;
    await createJob(world.ledger, formatJobId(n), { ...spec, name: `job-${n}` });
  }
  return world;
}

test('finds a job by its name among any number of newer ones', async () => {
  const { ledger } = await ledgerWith(2_010);
  const found = await listJobs(ledger, { name: 'job-0', limit: 10 });
  expect(found).toEqual({
    items: [expect.objectContaining({ id: formatJobId(0), name: 'job-0' })],
    next: null,
    total: 1,
    unreadable: [],
  });
}, 30_000);

test('pages through all jobs, newest first, without a repeat and with a null cursor on the last page', async () => {
  const { ledger } = await ledgerWith(7);
  const names: string[] = [];
  let cursor: string | null | undefined;
  const sizes: number[] = [];
  do {
    const page = await listJobs(ledger, { limit: 3, cursor: cursor ?? undefined });
    names.push(...page.items.map(({ name }) => name));
    sizes.push(page.items.length);
    cursor = page.next;
  } while (cursor !== null);
  expect(names).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `job-${n}`));
  expect(sizes).toEqual([3, 3, 1]);
});

test('refuses the cursor of another order, and takes those of earlier versions', async () => {
  const { ledger } = await ledgerWith(3);
  const sorts = ['createdAt', '-createdAt', 'name', '-name', 'state', 'settled'] as const;
  const list = async (sort: (typeof sorts)[number], cursor?: string) => listJobs(ledger, { sort, limit: 2, cursor });
  for (const sort of sorts) {
    const next = (await list(sort)).next!;
    for (const other of sorts) if (other !== sort) await expect(list(other, next)).rejects.toThrow('cursor');
    const [value, createdAt, jobId] = JSON.parse(decodeURIComponent(atob(next))) as unknown[];
    const earlier = btoa(encodeURIComponent(JSON.stringify([value, createdAt, jobId])));
    expect((await list(sort, earlier)).items).toEqual((await list(sort, next)).items);
  }
});

test('ends with a full page if no further job matches', async () => {
  const { ledger } = await ledgerWith(6);
  await steerJob(ledger, formatJobId(1), 'cancel');
  await steerJob(ledger, formatJobId(4), 'cancel');
  const page = await listJobs(ledger, { state: 'cancelled', limit: 2 });
  expect(page.items.map(({ name }) => name)).toEqual(['job-4', 'job-1']);
  expect(page.next).toBeNull();
});

test('sorts by name in both directions', async () => {
  const { ledger } = await ledgerWith(12);
  const names = async (sort: 'name' | '-name') =>
    (await listJobs(ledger, { sort, limit: 20 })).items.map(({ name }) => name);
  // In the order of names, job-10 is before job-2, unlike in the order of creation.
  const sorted = Array.from({ length: 12 }, (_, n) => `job-${n}`).toSorted();
  expect(await names('name')).toEqual(sorted);
  expect(await names('-name')).toEqual(sorted.toReversed());
});
