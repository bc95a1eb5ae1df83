import { suggestPoint, type SuggestInput } from '@gradsmith/bayesopt';
import { describe, expect, test } from 'vitest';
import { readJobStatus } from '../../src/jobs/index.ts';
import { SuggestionFailed } from '../../src/ports/index.ts';
import { replayTrials } from '../../src/trials/index.ts';
import { job } from '../support/jobs.ts';
import { World } from '../support/world.ts';

const LIMIT = 'a suggestion was not computed within 60 s';
const usesModel = ({ settings, number }: SuggestInput): boolean => settings.algorithm === 'gp' && number >= 3;

/** Runs a GP job whose model answers only for the numbers that `answers` accepts. */
async function runJob(trials: number, answers: (number: number) => boolean): Promise<{ world: World; id: string }> {
  const world = new World();
  world.suggest = (input) => {
    if (usesModel(input) && !answers(input.number)) throw new SuggestionFailed(LIMIT);
    return suggestPoint(input);
  };
  const id = await world.create(job({ search: { trials, maxParallelism: 1 }, confirm: { top: 0, seeds: 1 } }));
  do await world.round();
  while ((await world.work(id, (trial) => (trial === 'reference' ? 1 : Number(trial)))).length);
  return { world, id };
}

describe('a job whose model computes no suggestion', () => {
  test('gets random points, each with the reason, and completes', async () => {
    const { world, id } = await runJob(6, () => false);
    const trials = await world.ledger.readAllTrials((await world.ledger.readJob(id)).job);
    const sources = trials.filter(({ role }) => role === 'search').map(({ source }) => source);
    expect(sources.map(({ kind }) => kind)).toEqual([
      'initial',
      'initial',
      'initial',
      'fallback',
      'fallback',
      'fallback',
    ]);
    expect(sources[3]).toMatchObject({ reason: LIMIT, versions: {} });
    expect(await readJobStatus(world.ledger, id, world.workers)).toMatchObject({ state: 'completed', settled: 6 });
  });

  test('is replayed bit for bit', async () => {
    const { world, id } = await runJob(8, (number) => number === 5);
    const { spec, job: record } = await world.ledger.readJob(id);
    const replayed = [...replayTrials(spec, await world.ledger.readAllTrials(record), suggestPoint, {})];
    expect(replayed.map(({ source }) => source)).toEqual([
      'initial',
      'initial',
      'initial',
      'fallback',
      'fallback',
      'model',
      'fallback',
      'fallback',
    ]);
    expect(replayed.map(({ equal }) => equal)).toEqual(Array<boolean>(8).fill(true));
  });

  test('tries the model for every 20th trial only after three failures in a row', async () => {
    const { world } = await runJob(45, () => false);
    expect(world.suggested.filter(usesModel).map(({ number }) => number)).toEqual([3, 4, 5, 23, 43]);
  });

  test('uses the model again as soon as it answers', async () => {
    const { world } = await runJob(26, (number) => number >= 23);
    expect(world.suggested.filter(usesModel).map(({ number }) => number)).toEqual([3, 4, 5, 23, 24, 25]);
  });
});

describe('a job without a model', () => {
  test('fails with the reason if no point can be computed', async () => {
    const world = new World();
    world.suggest = () => {
      throw new SuggestionFailed(LIMIT);
    };
    const id = await world.create(job({ search: { algorithm: 'grid' } }));
    await world.round();
    expect((await world.ledger.readJob(id)).job).toMatchObject({ state: 'failed', reason: LIMIT, nextNumber: 0 });
  });
});

describe('a suggestion that never comes', () => {
  test('holds up no other job', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `job_000000000000000000${10 + i}`);
    const world = new World();
    world.workers[0]!.slots = 100;
    // More jobs hang than are advanced at once.
    const hanging = new Set(ids.slice(0, 20));
    for (const id of ids) await world.create(job(), id);
    world.delay = async (jobId) => (hanging.has(jobId) ? new Promise<never>(() => {}) : undefined);
    await world.round();
    for (const id of ids) {
      const { open } = (await world.ledger.readJob(id)).job;
      expect(open).toHaveLength(hanging.has(id) ? 1 : 2);
    }
  });
});
