import { suggestPoint } from '@gradsmith/bayesopt';
import { expect, test } from 'vitest';
import type { TrialRecord } from '../../src/domain/index.ts';
import { exportJob, extendJob, importJob, readJobStatus, type JobDocument } from '../../src/jobs/index.ts';
import { resolveObjective, type TrainingJob } from '../../src/spec/index.ts';
import { createTrial, failTrial, replayTrials } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const AGAINST = ['backpropagation', 'constant', 'learning-rate'];
const BUDGET = 5;

/** The value of a trial: the reference has 1, constants .9, rates .8, search trials and their repetitions .7. */
function rate(id: string): number {
  const kinds = [
    ['reference', 1],
    ['constant', 0.9],
    ['learning-rate', 0.8],
  ] as const;
  const known = kinds.find(([kind]) => id.includes(kind))?.[1] ?? 0.7;
  return known + Number(id.split('-').at(-1)!.replace(/\D/g, '') || 0) / 1000;
}

function createWorld(): World {
  const world = new World();
  world.suggest = suggestPoint;
  return world;
}

async function createComparedJob(world: World, changes: Parameters<typeof job>[0] = {}): Promise<string> {
  return world.create(job({ ...changes, confirm: { against: AGAINST, budget: BUDGET, ...changes.confirm } }));
}

async function finishJob(world: World, id: string, value: (id: string) => number = rate): Promise<string[]> {
  const done: string[] = [];
  for (let round = 0; round < 100; round++) {
    await world.round(`coordinator ${round % 3}`);
    // A new coordinator waits until the lease of the one before has expired.
    world.store.now += 11_000;
    const ids = await world.work(id, value);
    done.push(...ids);
    const { state } = (await world.ledger.readJob(id)).job;
    if (state !== 'running') return done;
  }
  throw new Error('the job does not end');
}

async function readTrials(world: World, id: string): Promise<TrialRecord[]> {
  return world.ledger.readAllTrials((await world.ledger.readJob(id)).job);
}

test('tunes each baseline with its own budget, then confirms it under the seeds of the best points', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  const done = await finishJob(world, id);
  const status = await readJobStatus(world.ledger, id, world.workers);
  expect(status).toMatchObject({ state: 'completed', budget: 6, settled: 6, reference: 1 });
  expect(status.counts.complete).toBe(6);
  expect(status.best!.trial).toBe('0');
  const numbers = Array.from({ length: BUDGET }, (_, n) => n);
  const tuned = done.slice(7, 7 + 2 * BUDGET);
  expect(tuned).toEqual([...numbers.map((n) => `constant-${n}`), ...numbers.map((n) => `learning-rate-${n}`)]);
  expect(done.slice(17)).toEqual(
    [0, 1, 2].flatMap((seed) =>
      ['reference', '0', '1', 'constant', 'learning-rate'].map((name) => `confirm-${name}-${seed}`),
    ),
  );
  const [constant, learningRate] = status.baselines;
  expect(constant).toMatchObject({ name: 'constant', budget: BUDGET, settled: BUDGET, best: { trial: 'constant-0' } });
  expect(learningRate).toMatchObject({ name: 'learning-rate', best: { trial: 'learning-rate-0', value: 0.8 } });
  expect(constant!.gain!.mean).toBeCloseTo(0.1, 12);
  expect(constant!.confirmed.map(({ number }) => number)).toEqual([0, 1]);
  expect(constant!.confirmed[0]!.mean).toBeCloseTo(0.2, 12);
  expect(constant!.confirmed[0]!.gains).toHaveLength(3);
  expect(learningRate!.confirmed[0]!.mean).toBeCloseTo(0.1, 12);
  expect(status.confirmed[0]!.mean).toBeCloseTo(0.3, 12);
});

test('trains a confirmed baseline at its best point under the fresh seed of its pair', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  await finishJob(world, id, (trial) => (trial === 'learning-rate-3' ? 0.1 : rate(trial)));
  const { spec } = await world.ledger.readJob(id);
  const trials = await readTrials(world, id);
  const find = (trial: string): TrialRecord => trials.find((each) => each.id === trial)!;
  const confirmed = find('confirm-learning-rate-1');
  expect(confirmed).toMatchObject({ baseline: 'learning-rate', confirms: { number: 3, seedIndex: 1 }, number: null });
  expect(confirmed.point).toEqual(find('learning-rate-3').point);
  expect(confirmed.seed).toBe(find('confirm-reference-1').seed);
  const trained = resolveObjective(spec as TrainingJob, confirmed);
  expect(trained).toMatchObject({ backward: [], seed: confirmed.seed });
  expect(trained.optimizer.learningRate).toBe(confirmed.point['learningRate']);
});

test('replays the points of search and baselines bit for bit, though coordinators changed in between', async () => {
  const world = createWorld();
  const id = await createComparedJob(world, { search: { trials: 8, maxParallelism: 3, initial: 3, seed: 7 } });
  await finishJob(world, id);
  const { spec } = await world.ledger.readJob(id);
  const trials = await readTrials(world, id);
  const replayed = [...replayTrials(spec, trials, suggestPoint, {})];
  expect(replayed.map(({ equal }) => equal)).toEqual(Array<boolean>(8 + 2 * BUDGET).fill(true));
  const models = replayed.filter(({ source }) => source === 'model').map(({ trial }) => trial);
  expect(models).toEqual(expect.arrayContaining(['7', 'constant-4', 'learning-rate-4']));
});

test('searches the same points as without baselines, and stores the same records', async () => {
  const [compared, plain] = [createWorld(), createWorld()];
  const id = await createComparedJob(compared);
  await plain.create(job());
  await finishJob(compared, id);
  await finishJob(plain, id);
  const read = async (world: World): Promise<unknown[]> =>
    (await readTrials(world, id)).filter(({ role }) => role === 'search').map(({ point, seed }) => ({ point, seed }));
  expect(await read(compared)).toEqual(await read(plain));
  expect(JSON.stringify(await readTrials(plain, id))).not.toContain('baseline');
});

test('creates no trial beyond the budget of a baseline, and none out of order', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  while (!(await world.ledger.readJob(id)).job.extras.includes('constant-1')) {
    await world.round();
    await world.work(id, rate);
  }
  const fenced = { jobId: id, fence: 1 };
  const source = { kind: 'initial', seenSeq: 1 } as const;
  const base = { role: 'baseline', baseline: 'constant', confirms: null, point: { constant: 2 }, seed: 3 } as const;
  const create = (number: number): Promise<string> =>
    createTrial(world.ledger, fenced, { ...base, id: `constant-${number}`, number, source });
  expect(await create(1)).toBe('already');
  expect(await create(4)).toBe('not-next');
  while (!(await world.ledger.readJob(id)).job.extras.includes('learning-rate-0')) {
    await world.round();
    await world.work(id, rate);
  }
  expect(await create(BUDGET)).toBe('no-budget');
});

test('confirms no baseline of which no trial is complete, and does not fail for it', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  for (let round = 0; round < 60; round++) {
    await world.round();
    const queued = [...world.queue.keys()];
    for (const ref of queued.some((key) => key.includes('-constant-')) ? await world.startTrials(id) : [])
      await failTrial(world.ledger, ref, 'no memory', { final: true });
    await world.work(id, rate);
  }
  const status = await readJobStatus(world.ledger, id, world.workers);
  expect(status).toMatchObject({ state: 'completed', settled: 6 });
  expect(status.counts.failed).toBe(0);
  const [constant, learningRate] = status.baselines;
  expect(constant).toMatchObject({ settled: BUDGET, best: null, gain: null, confirmed: [] });
  expect(learningRate!.confirmed).toHaveLength(2);
});

test('extended, compares the new best point with the baselines that were tuned before', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  await finishJob(world, id);
  const before = (await world.ledger.readJob(id)).job.extras;
  await extendJob(world.ledger, id, 8);
  await finishJob(world, id, (trial) => (/^(confirm-)?7/.test(trial) ? 0.5 : rate(trial)));
  const { extras } = (await world.ledger.readJob(id)).job;
  expect(extras.slice(before.length)).toEqual(['confirm-7-0', 'confirm-7-1', 'confirm-7-2']);
  const status = await readJobStatus(world.ledger, id, world.workers);
  expect(status.baselines[0]!.confirmed[0]!.number).toBe(7);
  expect(status.baselines[0]!.confirmed[0]!.mean).toBeCloseTo(0.401, 12);
});

test('exports a job with baselines, and imports it as it was', async () => {
  const world = createWorld();
  const id = await createComparedJob(world);
  await finishJob(world, id);
  const document = JSON.parse(JSON.stringify(await exportJob(world.ledger, id))) as JobDocument;
  const other = createWorld();
  expect(await importJob(other.ledger, document)).toEqual({ id, created: true });
  expect(await exportJob(other.ledger, id)).toEqual(document);
  const { baselines } = await readJobStatus(world.ledger, id, []);
  expect((await readJobStatus(other.ledger, id, [])).baselines).toEqual(baselines);
});

test.each<[string, (trial: TrialRecord) => Partial<TrialRecord>, RegExp]>([
  ['a value out of its range', () => ({ point: { constant: 31 } }), /not a point of the space/],
  ['another baseline than its id', () => ({ baseline: 'learning-rate' }), /not a baseline of the job/],
  ['no baseline', () => ({ baseline: undefined }), /not a baseline of the job/],
])('refuses a document in which a baseline trial has %s', async (_, change, message) => {
  const world = createWorld();
  const id = await createComparedJob(world);
  await finishJob(world, id);
  const document = await exportJob(world.ledger, id);
  const trials = document.trials.map((trial) => (trial.id === 'constant-2' ? { ...trial, ...change(trial) } : trial));
  await expect(importJob(createWorld().ledger, { ...document, trials })).rejects.toThrow(message);
});
