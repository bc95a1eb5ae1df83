// Coordinator and worker of an evolution are killed: others continue the job, and each point can be computed again.
import { suggestPoint } from '@gradsmith/bayesopt';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { replayTrials } from '@gradsmith/core/trials';
import { jobSpec, waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

const TRIALS = 40;

let bench: Bench;
afterEach(() => bench.stop());

function createSpec() {
  const { objective, search, limits, ...rest } = jobSpec({ trials: TRIALS });
  return parseJob({
    ...rest,
    objective: { ...objective, backend: 'cpu', backward: [{ layer: 'relu1', program: { formula: 'd * slope' } }] },
    space: {
      rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 0.5, scale: 'log' },
      rule: { at: '/backward/0/program/formula', type: 'program', start: ['d * slope', 'd * z'] },
    },
    confirm: { top: 0, seeds: 0 },
    search: { ...search, algorithm: 'evolution', initial: 8, maxParallelism: 4 },
    limits: { ...limits, backoff: '50ms' },
  });
}

test('an evolution survives kill -9 of its processes, and its records replay bit for bit', async () => {
  bench = await Bench.start(1_500, { ms: 60 });
  const start = (name: string) => [
    bench.launch('coordinator', { GRADSMITH_COORDINATOR_LEASE_MS: '1000' }),
    bench.launch('worker', { GRADSMITH_SLOTS: '2', GRADSMITH_WORKER_NAME: name }),
  ];
  const id = 'job_evolution';
  const spec = createSpec();
  const [coordinator, worker] = await Promise.all(start('first'));
  await createJob(bench.ledger, id, spec);
  await waitUntil(async () => (await bench.ledger.readJob(id)).job.counts.complete >= 12, 60_000);
  await Promise.all([coordinator!.end('SIGKILL'), worker!.end('SIGKILL')]);
  await Promise.all(start('second'));
  const job = await bench.waitUntilFinished(id, 90_000);
  expect(job.state).toBe('completed');

  const trials = await bench.trials(id);
  const search = trials.filter(({ role }) => role === 'search');
  expect(search.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_, n) => n));
  for (const { attempts } of search) expect(attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
  const workers = new Set(search.flatMap(({ attempts }) => attempts.map((attempt) => attempt.worker)));
  expect(workers).toEqual(new Set(['first', 'second']));
  expect(search.filter(({ source }) => source.kind === 'model').length).toBeGreaterThan(TRIALS / 2);
  const replayed = [...replayTrials(spec, trials, suggestPoint, {})];
  expect(replayed).toHaveLength(TRIALS);
  expect(replayed.filter(({ equal }) => equal !== true)).toEqual([]);
});
