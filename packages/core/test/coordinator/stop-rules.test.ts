import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { extendJob, readJobStatus, steerJob } from '../../src/jobs/index.ts';
import type { JobSpec } from '../../src/spec/index.ts';
import { parseJob } from '../../src/spec/index.ts';
import {
  completeTrial,
  enqueuePoint,
  failTrial,
  invalidateTrial,
  retryTrial,
  startTrial,
} from '../../src/trials/index.ts';
import { job, jobInput } from '../support/jobs.ts';
import { RUNTIME, World } from '../support/world.ts';

/** A job of 20 trials, one at a time, whose best point is confirmed on one seed. */
const stopping = (stop: object): JobSpec =>
  job({ search: { trials: 20, maxParallelism: 1, stop }, confirm: { top: 1, seeds: 1 } } as object);

/** Works until nothing is left to do. Trial n gets the n-th value, and the last one from then on. */
async function finishJob(world: World, id: string, values: readonly number[]): Promise<void> {
  do await world.round();
  while ((await world.work(id, (trialId) => values[Number(trialId)] ?? values.at(-1)!)).length);
}

async function readStatus(world: World, id: string) {
  return readJobStatus(world.ledger, id, []);
}

test('stops at the target, confirms the best point and completes', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5 }));
  await finishJob(world, id, [0.9, 0.7, 0.5, 0.1]);
  expect(await readStatus(world, id)).toMatchObject({
    state: 'completed',
    counts: { complete: 3 },
    stopped: { rule: 'target', reason: 'the target 0.5 was reached' },
    best: { trial: '2', value: 0.5 },
    confirmed: [{ number: 2 }],
  });
});

test('stops after so many results without a new best', async () => {
  const world = new World();
  const id = await world.create(stopping({ patience: 3 }));
  await finishJob(world, id, [0.9, 0.5, 0.6, 0.4, 0.8]);
  expect(await readStatus(world, id)).toMatchObject({
    state: 'completed',
    counts: { complete: 7 },
    stopped: { rule: 'patience', reason: 'no better point in 3 results' },
    best: { trial: '3' },
  });
});

test('stops at its time; trials that are open finish first', async () => {
  const world = new World();
  const id = await world.create(stopping({ time: '1h' }));
  await world.round();
  await world.work(id, () => 1);
  await world.round();
  world.store.now += 3_600_000;
  await world.round();
  expect(await readStatus(world, id)).toMatchObject({ state: 'running', stopped: { rule: 'time' } });
  await finishJob(world, id, [0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { complete: 1 } });
});

test('completes only once, whatever happens between the rule and the end', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5, patience: 1 }));
  await world.round();
  await world.work(id, () => 0.1);
  const { seq } = await readStatus(world, id);
  await steerJob(world.ledger, id, 'pause');
  await world.round('another coordinator');
  await steerJob(world.ledger, id, 'resume');
  await finishJob(world, id, [0.1]);
  const status = await readStatus(world, id);
  expect(status).toMatchObject({ state: 'completed', counts: { complete: 1 }, stopped: { rule: 'target' } });
  expect(status.seq).toBeGreaterThan(seq);
});

test('goes on when it is extended, also to the same budget; the rules count from then', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5, patience: 4 }));
  await finishJob(world, id, [0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { complete: 1 } });
  await extendJob(world.ledger, id, 20);
  expect(await readStatus(world, id)).toMatchObject({ state: 'running', stopped: null });
  await finishJob(world, id, [0.5, 0.9]);
  expect(await readStatus(world, id)).toMatchObject({
    state: 'completed',
    counts: { complete: 5 },
    stopped: { rule: 'patience' },
  });
});

test.each(['completed', 'running'])('patience and time count from the extension of a %s job', async (state) => {
  const world = new World();
  const spec = stopping({ patience: 10, time: '1h' });
  const id = await world.create({ ...spec, search: { ...spec.search, trials: 9 } });
  if (state === 'completed') await finishJob(world, id, [0.1, 1]);
  else
    for (let k = 0; k < 6; k++) {
      await world.round();
      await world.work(id, (trialId) => (trialId === '0' ? 0.1 : 1));
    }
  expect(await readStatus(world, id)).toMatchObject({ state, stopped: null });
  const before = (await readStatus(world, id)).counts.complete;
  world.store.now += 3_500_000;
  await extendJob(world.ledger, id, 39);
  await world.round();
  world.store.now += 3_500_000;
  await finishJob(world, id, [0.1, 1]);
  expect(await readStatus(world, id)).toMatchObject({
    state: 'completed',
    stopped: { rule: 'patience' },
    counts: { complete: before + 10 },
  });
});

test('an invalidated trial no longer stops the search', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5 }));
  await world.round();
  await world.work(id, (trialId) => (trialId === '0' ? 0.1 : 1));
  await world.round();
  await world.work(id, (trialId) => (trialId === '0' ? 0.1 : 1));
  expect((await readStatus(world, id)).stopped).toMatchObject({ rule: 'target' });
  await invalidateTrial(world.ledger, id, '0', 'a typing error');
  expect((await readStatus(world, id)).stopped).toBeNull();
  await finishJob(world, id, [0.1, 0.9, 0.4]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', best: { trial: '2' } });
});

test('a job without the rules has none of their fields in its record', async () => {
  const world = new World();
  const id = await world.create(job({}));
  await finishJob(world, id, [0.5]);
  const { job: record } = await world.ledger.readJob(id);
  expect(record).not.toHaveProperty('stopped');
  expect(record).not.toHaveProperty('patienceFrom');
});

test.each([
  [{}, 'target, patience, time or improvement'],
  [{ patience: 0 }, 'patience'],
  [{ time: 'soon' }, 'time'],
])('refuses %j', (stop, message) => {
  expect(() => parseJob({ ...jobInput, search: { ...jobInput.search, stop } })).toThrow(message);
});

test('stops before the first trial has a result, without confirmations', async () => {
  const world = new World();
  const id = await world.create(stopping({ time: '1ms' }));
  await world.round();
  world.store.now += 1;
  await finishJob(world, id, [0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', best: null, stopped: { rule: 'time' } });
});

test('a target that is reached while the job is paused stops the search, too', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5 }));
  // The reference trial comes first.
  await world.round();
  await world.work(id, () => 1);
  await world.round();
  const attempt = { jobId: id, trialId: '0', attemptId: randomUUID() };
  await startTrial(world.ledger, attempt, { worker: 'w', runtime: RUNTIME }, { leaseMs: 30_000 });
  await steerJob(world.ledger, id, 'pause');
  await completeTrial(world.ledger, attempt, {
    outcome: 'complete',
    value: 0.5,
    metrics: {},
    curve: '',
    provenance: {},
  });
  expect(await readStatus(world, id)).toMatchObject({ state: 'paused', stopped: { rule: 'target' } });
  await steerJob(world.ledger, id, 'resume');
  await finishJob(world, id, [0.5, 0.9]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { complete: 1 } });
});

test('a failed trial that is retried is tried, although a rule had stopped the search', async () => {
  const world = new World();
  const id = await world.create(
    job({ search: { trials: 20, maxParallelism: 1, stop: { target: 0.5 } }, limits: { attempts: 1 } } as object),
  );
  await world.round();
  await world.work(id, () => 1);
  await world.round();
  const attempt = { jobId: id, trialId: '0', attemptId: randomUUID() };
  await startTrial(world.ledger, attempt, { worker: 'w', runtime: RUNTIME }, { leaseMs: 30_000 });
  await failTrial(world.ledger, attempt, 'crashed');
  await finishJob(world, id, [0, 0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { failed: 1, complete: 1 } });
  await retryTrial(world.ledger, id, '0');
  expect(await readStatus(world, id)).toMatchObject({ state: 'running', stopped: null, enqueued: 1 });
  await finishJob(world, id, [0, 0.5, 0.4]);
  expect(await readStatus(world, id)).toMatchObject({
    state: 'completed',
    enqueued: 0,
    counts: { failed: 0, complete: 2 },
    stopped: { rule: 'target' },
  });
});

test('no rule stops a search whose budget is used up', async () => {
  const world = new World();
  const id = await world.create(
    job({ search: { trials: 1, maxParallelism: 1, stop: { time: '1h' } }, confirm: { top: 1, seeds: 1 } } as object),
  );
  await world.round();
  await world.work(id, () => 1);
  await world.round();
  world.store.now += 3_600_000;
  await finishJob(world, id, [0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { complete: 1 }, stopped: null });
});

test('refuses to enqueue a point once a rule has stopped the search, with the rule', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5 }));
  await world.round();
  await world.work(id, () => 0.1);
  await world.round();
  await world.work(id, () => 0.1);
  const { best, state } = await readStatus(world, id);
  expect(state).toBe('running');
  await expect(enqueuePoint(world.ledger, id, { key: 'mine', caller: null }, best!.point)).rejects.toThrow(
    'the target 0.5 was reached',
  );
});

test('an extension after the time of the search gives it that time again, also while the job runs', async () => {
  const world = new World();
  const id = await world.create(job({ search: { trials: 1, maxParallelism: 1, stop: { time: '1h' } } } as object));
  await world.round();
  await world.work(id, () => 1);
  await world.round();
  world.store.now += 3_600_000;
  await extendJob(world.ledger, id, 3);
  await finishJob(world, id, [0.5]);
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', counts: { complete: 3 }, stopped: null });
});

test('an invalidated trial of a finished job leaves the rule and the pace as they are', async () => {
  const world = new World();
  const id = await world.create(stopping({ target: 0.5 }));
  world.store.now += 60_000;
  await finishJob(world, id, [0.5]);
  const { stopped, trialsPerMinute } = await readStatus(world, id);
  expect(stopped).toMatchObject({ rule: 'target' });
  await invalidateTrial(world.ledger, id, '0', 'a typing error');
  expect(await readStatus(world, id)).toMatchObject({ state: 'completed', stopped });
  expect(trialsPerMinute).not.toBeNull();
  await extendJob(world.ledger, id, 20);
  expect(await readStatus(world, id)).toMatchObject({ state: 'running', stopped: null });
});

/** Suggests points of the model, which expects the given improvements one after the other. */
function expectImprovements(world: World, improvements: readonly number[]): void {
  world.suggest = ({ number }) => ({
    kind: 'point',
    source: 'model',
    point: { 'relu2.u': number / 100, 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 },
    outlook: { improvement: improvements[number] ?? 0, noise: 0.5 },
  });
}

test('stops after five results in a row from which the model expects too little improvement', async () => {
  const world = new World();
  expectImprovements(world, [1, 0.01, 0.01, 0.01, 0.01, 0.1, 0.01]);
  const id = await world.create(stopping({ improvement: 0.05 }));
  await finishJob(world, id, [0.9, 0.5]);
  const { counts, stopped, state } = await readStatus(world, id);
  expect({ counts, stopped, state }).toMatchObject({
    state: 'completed',
    // Five in a row are 6 to 10; the trial that was proposed last still ran.
    counts: { complete: 11 },
    stopped: { rule: 'improvement', reason: 'the model expects less improvement than 0.05' },
  });
  const [trial] = await world.ledger.readTrials(id, ['5']);
  expect(trial!.source.outlook).toEqual({ improvement: 0.1, noise: 0.5 });
});

test('compares with 0.03 times the noise, and counts again after an extension', async () => {
  const world = new World();
  expectImprovements(world, [0.016, 0.016, 0.014]);
  const id = await world.create(stopping({ improvement: 'noise' }));
  await finishJob(world, id, [0.9]);
  expect(await readStatus(world, id)).toMatchObject({
    counts: { complete: 7 },
    stopped: { reason: 'the model expects less improvement than 0.03 times the noise' },
  });
  await extendJob(world.ledger, id, 20);
  await finishJob(world, id, [0.9]);
  expect(await readStatus(world, id)).toMatchObject({ counts: { complete: 12 }, stopped: { rule: 'improvement' } });
});

test('counts trials that are proposed from the same results once', async () => {
  const world = new World();
  expectImprovements(world, []);
  const id = await world.create(
    job({
      search: { trials: 20, maxParallelism: 4, stop: { improvement: 1 } },
      confirm: { top: 0, seeds: 0 },
    } as object),
  );
  await world.round();
  await world.round();
  expect((await world.ledger.readJob(id)).job.converged).toEqual({ count: 1, results: 0 });
});

test('without the rule, trials do not record what the model expects', async () => {
  const world = new World();
  expectImprovements(world, []);
  const id = await world.create(stopping({ patience: 4 }));
  await finishJob(world, id, [0.5]);
  const [trial] = await world.ledger.readTrials(id, ['2']);
  expect(trial!.source).not.toHaveProperty('outlook');
  expect((await world.ledger.readJob(id)).job).not.toHaveProperty('converged');
});

test('needs the algorithm gp', () => {
  const search = { trials: 20, algorithm: 'tpe', stop: { improvement: 'noise' } };
  expect(() => job({ search } as object)).toThrow('needs the model of the algorithm gp');
  const stop = { improvement: 'nois' };
  expect(() => job({ search: { ...search, algorithm: 'gp', stop } } as object)).toThrow('must be noise, or a number');
});
