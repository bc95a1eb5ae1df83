import { suggestPoint } from '@gradsmith/bayesopt';
import { expect, test } from 'vitest';
import { exportJob, importJob } from '../../src/jobs/index.ts';
import { buildSearchSpace, parseJob } from '../../src/spec/index.ts';
import { askTrial, completeTrial, enqueuePoint, replayTrials } from '../../src/trials/index.ts';
import { outsideInput } from '../support/external.ts';
import { World } from '../support/world.ts';

const space = {
  kind: { type: 'categorical', choices: ['a', 'b'] },
  depth: { type: 'int', low: 1, high: 30, when: { kind: ['b'] } },
  share: { type: 'float', low: 0, high: 1, when: { kind: ['a'] } },
};

test.each(['gp', 'tpe', 'sobol', 'grid'])(
  'a conditional job by %s has no inactive parameter in any record, is replayed bit for bit, exported and imported',
  async (algorithm) => {
    const world = new World();
    world.suggest = suggestPoint;
    const known = [{ point: { kind: 'b', depth: 4 }, value: 1 }];
    const id = await world.create(
      parseJob({ ...outsideInput, space, search: { algorithm, trials: 10, initial: 3, maxParallelism: 1, known } }),
    );
    const { ledger } = world;
    await enqueuePoint(ledger, id, { key: 'mine', caller: null }, { kind: 'a', share: 0.5 });
    await expect(
      enqueuePoint(ledger, id, { key: 'wrong', caller: null }, { kind: 'a', depth: 3, share: 0.5 }),
    ).rejects.toThrow('has no value in this point');
    for (let n = 0; n < 10; n++) {
      await world.round();
      const answer = await askTrial(ledger, id, `a${n}`, 'program', { leaseMs: 30_000 });
      if (answer.kind === 'none') throw new Error(`there is no trial ${n}`);
      const { trial } = answer;
      const result = { outcome: 'complete', value: Math.sin(n), metrics: {}, curve: '', provenance: {} } as const;
      await completeTrial(ledger, { jobId: id, trialId: trial.id, attemptId: `a${n}` }, result);
    }
    await world.round();
    const document = await exportJob(ledger, id);
    for (const { point } of document.trials)
      expect(Object.keys(point).sort()).toEqual(point['kind'] === 'a' ? ['kind', 'share'] : ['depth', 'kind']);
    expect(document.trials.map(({ point }) => point['kind'])).toContain('b');
    const replayed = [...replayTrials(document.spec, document.trials, suggestPoint, {})];
    expect(replayed.map(({ equal }) => equal)).toEqual([null, ...Array.from({ length: 9 }, () => true)]);
    const other = new World();
    expect(await importJob(other.ledger, document)).toEqual({ id, created: true });
    expect(Object.keys(buildSearchSpace(document.spec).space)).toEqual(['kind', 'depth', 'share']);
  },
);

test.each(['gp', 'cma-es'])(
  'a constrained job by %s has allowed points, is replayed, and refuses others',
  async (algorithm) => {
    const world = new World();
    world.suggest = suggestPoint;
    const space = { a: { type: 'float', low: 0, high: 1 }, b: { type: 'float', low: 0, high: 1 } };
    const search = { algorithm, trials: 8, initial: 3, maxParallelism: 1 };
    const spec = parseJob({ ...outsideInput, space, constraints: ['a + b <= 0.5'], search });
    const id = await world.create(spec);
    const { ledger } = world;
    await expect(enqueuePoint(ledger, id, { key: 'far', caller: null }, { a: 0.5, b: 0.6 })).rejects.toThrow(
      'does not fulfill the constraint a + b <= 0.5',
    );
    for (let n = 0; n < 8; n++) {
      await world.round();
      await askTrial(ledger, id, `a${n}`, 'program', { leaseMs: 30_000 });
      const result = { outcome: 'complete', value: n % 3, metrics: {}, curve: '', provenance: {} } as const;
      await completeTrial(ledger, { jobId: id, trialId: String(n), attemptId: `a${n}` }, result);
    }
    const trials = await ledger.readAllTrials((await ledger.readJob(id)).job);
    expect(trials).toHaveLength(8);
    for (const { point } of trials) expect(Number(point['a']) + Number(point['b'])).toBeLessThanOrEqual(0.5);
    expect([...replayTrials(spec, trials, suggestPoint, {})].every(({ equal }) => equal)).toBe(true);
  },
);
