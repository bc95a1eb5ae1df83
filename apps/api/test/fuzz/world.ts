import { randomUUID } from 'node:crypto';
import { encodeCurve } from '@gradsmith/core/domain';
import { acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { startTrial, createTrial, completeTrial } from '@gradsmith/core/trials';
import type { FastifyInstance } from 'fastify';
import { startRedisService } from '../redis-service.ts';
import { call, externalJob, validJob } from '../support.ts';
import { create, work } from '../work.ts';
import type { Pools } from './operations.ts';

export interface World {
  app: FastifyInstance;
  url: string;
  pools: Pools;
  /** Log lines of the service at level error. */
  errors: string[];
  /** A job that no request names. */
  bystander: string;
}

/** Jobs that may be cancelled and deleted: with the others gone, most requests would find nothing. */
const VICTIMS = 20;
/** Jobs whose trial 0 runs, in three parts: to fail it, to release it and to report its result. */
const STARTED = 18;

/** Starts the service on a real Redis, with jobs in all kinds of states, and collects values for requests. */
export async function buildWorld(): Promise<World> {
  const { app, url, ledger, errors, stopCoordinator } = await startRedisService();
  const { jobs, attempts, broken } = await makeJobs(app);
  const started = await startTrials(app, attempts[0]!);
  const bystander = await create(app, { ...externalJob, name: 'bystander' });
  // The jobs that the requests make stay queued: a suggestion for some of them would take minutes.
  await stopCoordinator();
  const trained = await trainedJob(app, ledger);
  jobs.push(trained);
  const victims: string[] = [];
  for (let i = 0; i < VICTIMS; i++) victims.push(await create(app, { ...externalJob, name: `victim-${i}` }));
  const pools = await buildPools(app, { jobs, attempts, started, victims, broken, trained });
  return { app, url, errors, bystander, pools };
}

/** Starts trial 0 of several jobs: most requests that settle a trial would find none. */
async function startTrials(app: FastifyInstance, attempt: string): Promise<string[]> {
  const start = async (n: number): Promise<string> => {
    const id = await create(app, { ...externalJob, name: `started-${n}` });
    const { status } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, lease: '1h', wait: '5s' });
    if (status !== 200) throw new Error(`trial 0 of job ${id} did not start`);
    return id;
  };
  return Promise.all(Array.from({ length: STARTED }, (_, n) => start(n)));
}

async function makeJobs(app: FastifyInstance): Promise<{ jobs: string[]; attempts: string[]; broken: string }> {
  const value = ({ depth }: Record<string, number>): number => depth!;
  const [done, half, paused, cancelled, broken] = await Promise.all(
    ['done', 'half', 'paused', 'cancelled', 'broken'].map(async (name) => create(app, { ...externalJob, name })),
  );
  const attempts = [randomUUID(), randomUUID()];
  await work(app, done!, value);
  await work(app, half!, value, 3);
  for (const attempt of attempts) await call(app, 'POST', `/v1/jobs/${half}/ask`, { attempt, lease: '1h', wait: '5s' });
  // A failed trial, which requests can retry.
  const attempt = randomUUID();
  await call(app, 'POST', `/v1/jobs/${broken}/ask`, { attempt, lease: '1h', wait: '5s' });
  const { body } = await call(app, 'POST', `/v1/jobs/${broken}/trials/0/fail`, {
    attempt,
    reason: 'broke',
    final: true,
  });
  if (body.answer !== 'failed') throw new Error(`trial 0 of the broken job did not fail: ${JSON.stringify(body)}`);
  await call(app, 'POST', `/v1/jobs/${paused}/pause`);
  await call(app, 'POST', `/v1/jobs/${cancelled}/cancel`);
  return { jobs: [done!, half!, paused!, cancelled!, broken!], attempts, broken: broken! };
}

/** A job of a training, with its reference and one complete trial. */
async function trainedJob(app: FastifyInstance, ledger: Ledger): Promise<string> {
  const id = await create(app, validJob);
  const held = await acquireJobLease(ledger, id, 'fuzz', 10_000);
  const fenced = { jobId: id, fence: held.kind === 'held' ? held.fence : -1 };
  await advanceJobState(ledger, fenced, 'start');
  const source = { kind: 'fixed', seenSeq: 0 } as const;
  await createTrial(ledger, fenced, {
    id: 'reference',
    role: 'reference',
    number: null,
    confirms: null,
    point: {},
    seed: 0,
    source,
  });
  await createTrial(ledger, fenced, {
    id: '0',
    role: 'search',
    number: 0,
    confirms: null,
    point: { 'relu2.u': 1, 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 },
    seed: 0,
    source,
  });
  for (const [i, trialId] of ['reference', '0'].entries()) {
    const ref = { jobId: id, trialId, attemptId: randomUUID() };
    await startTrial(ledger, ref, { worker: 'w', runtime: 'r' }, { leaseMs: 10_000 });
    await completeTrial(ledger, ref, {
      outcome: 'complete',
      value: 0.5 + i,
      metrics: {},
      curve: encodeCurve([1, 0.5]),
      provenance: {},
    });
  }
  return id;
}

interface Known {
  jobs: readonly string[];
  attempts: readonly string[];
  /** Jobs whose trial 0 runs as the first attempt. */
  started: readonly string[];
  /** Jobs that may go, one with a failed trial, one of a training. */
  victims: readonly string[];
  broken: string;
  trained: string;
}

async function buildPools(app: FastifyInstance, known: Known): Promise<Pools> {
  const { jobs, attempts, victims, broken, trained } = known;
  const part = (n: number): readonly string[] => known.started.slice((n * STARTED) / 3, ((n + 1) * STARTED) / 3);
  const mostlyFirst = ['0', '0', '0', '1'];
  const documents = await Promise.all(jobs.map(async (id) => (await call(app, 'GET', `/v1/jobs/${id}/export`)).body));
  const started = attempts.map((attempt) => ({ attempt }));
  const point = { depth: 7, share: 0.5, criterion: 'gini' };
  return {
    parameters: {
      id: [...jobs, ...jobs, 'job_00000000000000000000'],
      'delete /v1/jobs/{id} id': victims,
      'post /v1/jobs/{id}/cancel id': victims,
      'post /v1/jobs/{id}/trials/{trial}/retry id': [broken, ...jobs],
      'post /v1/jobs/{id}/trials/{trial}/retry trial': ['0', '1', '99'],
      'post /v1/jobs/{id}/trials/{trial}/fail id': part(0),
      'post /v1/jobs/{id}/trials/{trial}/fail trial': mostlyFirst,
      'post /v1/jobs/{id}/trials/{trial}/release id': part(1),
      'post /v1/jobs/{id}/trials/{trial}/release trial': mostlyFirst,
      'post /v1/jobs/{id}/trials/{trial}/tell id': part(2),
      'post /v1/jobs/{id}/trials/{trial}/tell trial': mostlyFirst,
      'post /v1/jobs/{id}/tell-many id': part(2),
      'get /v1/jobs/{id}/trials/{trial}/b-function id': [trained, ...jobs],
      trials: ['0', '0,1,reference', 'confirm-0-0'],
      trial: ['0', '1', '2', '3', '4', '5', 'reference', 'confirm-0-0', '99'],
      'idempotency-key': ['a', 'b', 'c'],
      'if-none-match': ['*', '"x"', 'W/"0-0-0-0"'],
      'last-event-id': ['0', '3', '999999'],
      after: ['0', '5'],
      fields: ['id', 'id,state', 'state'],
      x: ['depth'],
      y: ['share'],
    },
    bodies: {
      'post /v1/jobs': [externalJob, validJob],
      'post /v1/jobs/import': documents,
      'post /v1/jobs/{id}/clone': [
        {},
        { name: 'again', warmStart: {} },
        { search: { trials: 9 }, warmStart: { mode: 'enqueue', top: 2 } },
        { warmStart: { from: jobs[0] } },
      ],
      'patch /v1/jobs/{id}': [{ notes: 'text' }, { name: 'renamed', labels: { a: 'b', c: null } }],
      'post /v1/jobs/{id}/extend': [{ trials: 6 }, { trials: 20 }],
      'post /v1/jobs/{id}/trials': [{ point }, { point: { ...point, depth: 9 } }],
      'post /v1/jobs/{id}/trials/{trial}/invalidate': [{ reason: 'wrong data' }],
      'post /v1/jobs/{id}/ask': [...started, { attempt: randomUUID(), worker: 'p', lease: '5s', wait: '10ms' }],
      'post /v1/jobs/{id}/ask-many': [{ attempts: [...attempts, randomUUID()], lease: '5s', wait: '10ms' }],
      'post /v1/jobs/{id}/tell-many': [
        { results: started.map((one, i) => ({ ...one, trial: String(i), value: 0.5 })) },
      ],
      'post /v1/jobs/{id}/trials/{trial}/heartbeat': started.flatMap((one) => [
        one,
        { ...one, progress: { step: 3, value: 0.5 } },
      ]),
      'post /v1/jobs/{id}/trials/{trial}/tell': started.flatMap((one) => [
        { ...one, value: 0.5 },
        { ...one, value: null },
      ]),
      'post /v1/jobs/{id}/trials/{trial}/release': started,
      'post /v1/jobs/{id}/trials/{trial}/fail': started.map((one) => ({ ...one, reason: 'broke' })),
    },
  };
}
