import { randomUUID } from 'node:crypto';
import { isSettled, type JobRecord, type TrialRecord, type TrialResult } from '@gradsmith/core/domain';
import { createJob, acquireJobLease, advanceJobState } from '@gradsmith/core/jobs';
import { Ledger, type LedgerStore, type Fenced } from '@gradsmith/core/ledger';
import { parseJob, type JobSpec } from '@gradsmith/core/spec';
import {
  startTrial,
  createTrial,
  completeTrial,
  type AttemptRef,
  type StartTrialAnswer,
  type CreateTrialAnswer,
  type NewTrial,
  type CompleteTrialAnswer,
} from '@gradsmith/core/trials';
import { expect } from 'vitest';
import { learningRateSearch } from '../jobs.ts';

/** A lease longer than every test, ms. */
export const LONG = 3_600_000;
/** A lease that expires at once. */
export const OVER = 0;
export const RUNTIME = 'wasm float32, 2 threads';

export interface SpecChanges {
  trials?: number;
  attempts?: number;
  maxFailures?: number;
  backoff?: string;
}

/** A small valid job. `trials` is its budget. */
export function jobSpec({ trials = 3, attempts = 3, maxFailures, backoff = '1ms' }: SpecChanges = {}): JobSpec {
  return parseJob({
    name: 'conformance',
    ...learningRateSearch,
    search: { trials },
    limits: { attempts, maxFailures, backoff },
  });
}

export function createResult(value: number, changes: Partial<TrialResult> = {}): TrialResult {
  return { outcome: 'complete', value, metrics: {}, curve: '', provenance: {}, ...changes };
}

export function searchTrial(number: number): NewTrial {
  return {
    id: String(number),
    role: 'search',
    number,
    confirms: null,
    point: { rate: 0.01 * (number + 1) },
    seed: 1,
    source: { kind: 'initial', seenSeq: 0 },
  };
}

export function referenceTrial(): NewTrial {
  return {
    ...searchTrial(0),
    id: 'reference',
    role: 'reference',
    number: null,
    point: {},
    source: { kind: 'fixed', seenSeq: 0 },
  };
}

/** One job on a ledger, with the operations bound to it. */
export class Bench {
  readonly ledger: Ledger;
  readonly jobId = `job_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  fenced!: Fenced;

  private constructor(store: LedgerStore) {
    this.ledger = new Ledger(store);
  }

  /** A job that runs, with a coordinator's fence, no trial created yet. */
  static async running(store: LedgerStore, changes: SpecChanges = {}): Promise<Bench> {
    const bench = await Bench.queued(store, changes);
    expect(await advanceJobState(bench.ledger, bench.fenced, 'start')).toBe(true);
    return bench;
  }

  static async queued(store: LedgerStore, changes: SpecChanges = {}): Promise<Bench> {
    const bench = new Bench(store);
    await createJob(bench.ledger, bench.jobId, jobSpec(changes));
    bench.fenced = await bench.takeOver('coordinator');
    return bench;
  }

  async takeOver(owner: string, leaseMs = OVER): Promise<Fenced> {
    const held = await acquireJobLease(this.ledger, this.jobId, owner, leaseMs);
    if (held.kind === 'taken') throw new Error(`the job is led by ${held.owner}`);
    return { jobId: this.jobId, fence: held.fence };
  }

  async job(): Promise<JobRecord> {
    return (await this.ledger.readJob(this.jobId)).job;
  }

  async trial(id: string | number = 0): Promise<TrialRecord> {
    const [trial] = await this.ledger.readTrials(this.jobId, [String(id)]);
    return trial!;
  }

  async createTrial(number = 0, fenced = this.fenced): Promise<CreateTrialAnswer> {
    return createTrial(this.ledger, fenced, searchTrial(number));
  }

  attempt(trialId: string | number = 0): AttemptRef {
    return { jobId: this.jobId, trialId: String(trialId), attemptId: randomUUID() };
  }

  async startTrial(ref: AttemptRef, leaseMs = LONG, runtime: string | null = RUNTIME): Promise<StartTrialAnswer> {
    return startTrial(this.ledger, ref, { worker: 'worker', runtime }, { leaseMs });
  }

  async completeTrial(ref: AttemptRef, value = 1, changes: Partial<TrialResult> = {}): Promise<CompleteTrialAnswer> {
    return completeTrial(this.ledger, ref, createResult(value, changes));
  }

  /** Creates the trial and starts an attempt. */
  async startedTrial(number = 0, leaseMs = LONG): Promise<AttemptRef> {
    if (!(await this.trial(number))) expect(await this.createTrial(number)).toBe('created');
    const ref = this.attempt(number);
    expect(await this.startTrial(ref, leaseMs)).toMatchObject({ kind: 'started' });
    return ref;
  }

  /** Creates, starts and completes the trial. */
  async completedTrial(number: number, value: number): Promise<AttemptRef> {
    const ref = await this.startedTrial(number);
    expect(await this.completeTrial(ref, value)).toBe('reported');
    return ref;
  }

  /** Runs `operation` and checks that it changed neither the job nor its trials. */
  async unchanged<A>(operation: () => Promise<A>): Promise<A> {
    const before = await this.everything();
    const answer = await operation();
    expect(await this.everything()).toEqual(before);
    return answer;
  }

  async everything(): Promise<{ job: JobRecord; trials: TrialRecord[] }> {
    const job = await this.job();
    return { job, trials: await this.ledger.readAllTrials(job) };
  }

  /** Checks what must hold of every job. */
  async expectConsistent(): Promise<void> {
    const { job, trials } = await this.everything();
    const search = trials.filter(({ role }) => role === 'search');
    expect(search.map(({ number }) => number)).toEqual(Array.from({ length: job.nextNumber }, (_, n) => n));
    for (const [state, count] of Object.entries(job.counts)) {
      expect([state, search.filter((trial) => trial.state === state).length]).toEqual([state, count]);
    }
    expect(job.nextNumber - job.invalidated).toBeLessThanOrEqual(job.budget);
    expect([...job.open].sort()).toEqual(
      trials
        .filter(({ state }) => !isSettled(state))
        .map(({ id }) => id)
        .sort(),
    );
  }
}
