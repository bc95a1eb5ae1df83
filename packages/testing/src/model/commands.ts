import { GradsmithError } from '@gradsmith/core/domain';
import { extendJob, steerJob, advanceJobState } from '@gradsmith/core/jobs';
import { type Fenced } from '@gradsmith/core/ledger';
import {
  expireTrial,
  failTrial,
  recordHeartbeat,
  releaseTrial,
  completeTrial,
  type AttemptRef,
  type StartTrialAnswer,
  invalidateTrial,
} from '@gradsmith/core/trials';
import {
  boolean,
  commands,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  tuple,
  type Arbitrary,
  type AsyncCommand,
} from 'fast-check';
import { expect } from 'vitest';
import { Bench, LONG, OVER, createResult } from '../ledger/bench.ts';
import type { ModelJob } from './model-job.ts';

type Command = AsyncCommand<ModelJob, Bench>;

/** A call of one operation: model and ledger must give the same answer. */
function call(
  name: string,
  model: (job: ModelJob) => unknown,
  real: (bench: Bench, job: ModelJob) => Promise<unknown>,
): Command {
  return {
    check: () => true,
    run: async (job, bench) => {
      // The model answers last, because the call depends on its state before.
      const answer = await real(bench, job).catch((error: unknown) => {
        if (error instanceof GradsmithError) return 'error';
        throw error;
      });
      expect([name, answer]).toEqual([name, model(job)]);
    },
    toString: () => name,
  };
}

/** The trial of the call: the newest (0), the one before (1), …; a negative one does not exist. */
const trial = oneof({ weight: 30, arbitrary: nat(2) }, { weight: 1, arbitrary: constant(-1) });
/** The attempt that makes the call: the last (0), the one before (1), …, or one that never started. */
const speaker = oneof(
  { weight: 8, arbitrary: constant(0) },
  { weight: 2, arbitrary: constant(1) },
  { weight: 1, arbitrary: constant(9) },
);
const leaseExpired = boolean();
/** The current fence, or one of a coordinator that lost the job. */
const behind = oneof({ weight: 6, arbitrary: constant(0) }, { weight: 1, arbitrary: constant(1) });
const value = nat(3);

const number = (job: ModelJob, back: number): number => Math.max(0, job.trials.length - 1 - back);
const lease = (expired: boolean): { leaseMs: number } => ({ leaseMs: expired ? OVER : LONG });
const fenced = (bench: Bench, job: ModelJob, back: number): Fenced => ({ jobId: bench.jobId, fence: job.fence - back });
const ref = (bench: Bench, n: number, attemptId: string): AttemptRef => ({
  jobId: bench.jobId,
  trialId: String(n),
  attemptId,
});

/** A call by an attempt of a trial, picked as `trial` and `speaker` say. */
function spoken(
  name: string,
  back: number,
  by: number,
  model: (job: ModelJob, n: number, id: string) => unknown,
  real: (bench: Bench, ref: AttemptRef) => Promise<unknown>,
): Command {
  const id = (job: ModelJob): string => job.trials[number(job, back)]?.attempts.at(-1 - by)?.id ?? 'a stranger';
  return call(
    `${name} trial -${back} by attempt -${by}`,
    (job) => model(job, number(job, back), id(job)),
    (bench, job) => real(bench, ref(bench, number(job, back), id(job))),
  );
}

let attempts = 0;
const kind = (answer: StartTrialAnswer): string => (answer.kind === 'refused' ? answer.reason : answer.kind);

const startAgain = tuple(trial, leaseExpired).map(([back, expired]) => {
  const id = `attempt ${(attempts += 1)}`;
  return call(
    `start trial -${back} again${expired ? ', dying' : ''}`,
    (job) => job.startTrial(number(job, back), id, expired),
    async (bench, job) => kind(await bench.startTrial(ref(bench, number(job, back), id), lease(expired).leaseMs)),
  );
});
const beginAgain = tuple(trial, speaker).map(([back, by]) =>
  spoken(
    'start',
    back,
    by,
    (job, n, id) => job.startTrial(n, id, false),
    async (bench, one) => kind(await bench.startTrial(one)),
  ),
);
const beat = tuple(trial, speaker, leaseExpired).map(([back, by, expired]) =>
  spoken(
    `heartbeat${expired ? ', dying,' : ''} of`,
    back,
    by,
    (job, n, id) => job.heartbeat(n, id, expired),
    (bench, one) => recordHeartbeat(bench.ledger, one, { step: 1, partialSum: 1 }, lease(expired)),
  ),
);
const telling = tuple(trial, speaker, value).map(([back, by, v]) =>
  spoken(
    `tell ${v} of`,
    back,
    by,
    (job, n, id) => job.tell(n, id, v),
    (bench, one) => completeTrial(bench.ledger, one, createResult(v)),
  ),
);
const releasing = tuple(trial, speaker).map(([back, by]) =>
  spoken(
    'release',
    back,
    by,
    (job, n, id) => job.release(n, id),
    (bench, one) => releaseTrial(bench.ledger, one, 'x'),
  ),
);
const failing = tuple(trial, speaker, boolean()).map(([back, by, final]) =>
  spoken(
    `fail${final ? ' for good' : ''}`,
    back,
    by,
    (job, n, id) => job.fail(n, id, final),
    (bench, one) => failTrial(bench.ledger, one, 'x', { final }),
  ),
);

const issuing = tuple(
  oneof({ weight: 8, arbitrary: constant(0) }, { weight: 1, arbitrary: constantFrom(-1, 1) }),
  behind,
).map(([step, back]) =>
  call(
    `create next${step ? ` ${step}` : ''} under fence -${back}`,
    (job) => job.createTrial(Math.max(0, job.trials.length + step), job.fence - back),
    (bench, job) => bench.createTrial(Math.max(0, job.trials.length + step), fenced(bench, job, back)),
  ),
);
const expiring = tuple(trial, behind).map(([back, fence]) =>
  call(
    `expire trial -${back} under fence -${fence}`,
    (job) => job.expire(number(job, back), job.fence - fence),
    (bench, job) => expireTrial(bench.ledger, fenced(bench, job, fence), String(number(job, back))),
  ),
);
const takingOver = constant(
  call(
    'another coordinator takes over',
    (job) => (job.fence += 1),
    async (bench, job) => (await bench.takeOver(`coordinator ${job.fence + 1}`)).fence,
  ),
);

const moving = (...moves: ('complete' | 'exhaust' | 'fail')[]): Arbitrary<Command> =>
  tuple(constantFrom(...moves), behind).map(([move, back]) =>
    call(
      `${move} under fence -${back}`,
      (job) => job.move(move, job.fence - back),
      (bench, job) => advanceJobState(bench.ledger, fenced(bench, job, back), move),
    ),
  );
const steering = (...moves: ('pause' | 'resume' | 'cancel')[]): Arbitrary<Command> =>
  constantFrom(...moves).map((move) =>
    call(
      move,
      (job) => job.steer(move),
      async (bench) => (await steerJob(bench.ledger, bench.jobId, move)).state,
    ),
  );
const extending = integer({ min: -1, max: 2 }).map((more) =>
  call(
    `extend by ${more}`,
    (job) => job.extend(job.budget + more),
    async (bench, job) => (await extendJob(bench.ledger, bench.jobId, job.budget + more)).budget,
  ),
);
const invalidating = trial.map((back) =>
  call(
    `invalidate trial -${back}`,
    (job) => job.invalidate(number(job, back)),
    async (bench, job) => {
      await invalidateTrial(bench.ledger, bench.jobId, String(number(job, back)), 'x');
      return 'done';
    },
  ),
);

/** Sequences of operations, weighted so that most jobs live long enough to reach all states. */
export function commandSequences(maxCommands: number): Arbitrary<Iterable<Command>> {
  const weighted: [number, Arbitrary<Command>][] = [
    [40, issuing],
    [60, startAgain],
    [10, beginAgain],
    [20, beat],
    [40, telling],
    [10, releasing],
    [12, failing],
    [20, expiring],
    [4, takingOver],
    [6, moving('complete')],
    [2, moving('exhaust')],
    [1, moving('fail')],
    [3, steering('pause')],
    [9, steering('resume')],
    [1, steering('cancel')],
    [8, extending],
    [8, invalidating],
  ];
  const any = oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  return commands<ModelJob, Bench, false>([any], { maxCommands, size: 'max' });
}
