import { settledCount } from '../job/budget.ts';
import { leadersOf, type RungsRecord } from '../job/pruning.ts';
import type { JobRecord, LeaseRecord } from '../job/record.ts';
import { better, type JobSpec } from '../job/spec.ts';
import { isActive, nextJobState, type JobMove } from '../job/states.ts';
import { currentAttempt, type Attempt, type TrialRecord } from '../trial/record.ts';
import { isSettled, nextTrialState, type TrialMove } from '../trial/states.ts';
import { emptyQueue, type QueueRecord } from './queue.ts';

/** What a transition may alter. */
type Changed = 'job' | 'lease' | 'queue' | 'rungs' | TrialRecord;

/** What was stored of a job, besides specification and trials; null: nothing, or not read. */
export interface Stored {
  lease: LeaseRecord | null;
  queue: QueueRecord | null;
  rungs: RungsRecord | null;
}

/** A job as one transition sees it, and the only place where states, counts and sequence numbers change. */
export class Draft {
  readonly now: number;
  readonly spec: JobSpec;
  readonly job: JobRecord;
  readonly trials: Map<string, TrialRecord>;
  lease: LeaseRecord | null;
  queue: QueueRecord;
  rungs: RungsRecord;
  /** Curves to store with this change, by trial id. */
  readonly curves = new Map<string, string>();
  readonly #changed = new Set<Changed>();

  constructor(now: number, spec: JobSpec, job: JobRecord, stored: Stored, trials: TrialRecord[]) {
    this.now = now;
    this.spec = spec;
    this.job = job;
    this.lease = stored.lease;
    this.queue = stored.queue ?? emptyQueue();
    this.rungs = stored.rungs ?? { schema: 1, rungs: {} };
    this.trials = new Map(trials.map((trial) => [trial.id, trial]));
  }

  get changed(): ReadonlySet<Changed> {
    return this.#changed;
  }

  /** Marks what a transition altered without a change of state (progress, a lease's end). */
  touch(what: Changed): void {
    this.#changed.add(what);
  }

  /** Moves the job, or answers false where the move is not legal. Leaving the active states cancels open trials. */
  moveJob(move: JobMove, reason: string | null = null): boolean {
    const state = nextJobState(this.job.state, move);
    if (!state) return false;
    this.job.state = state;
    this.job.reason = reason;
    this.job.seq += 1;
    if (move === 'start') this.job.startedAt = this.now;
    if (move === 'extend') this.job.resumed = { at: this.now, settled: settledCount(this.job) };
    this.job.endedAt = isActive(state) ? null : this.now;
    this.touch('job');
    if (!isActive(state))
      for (const id of this.job.open) this.move(this.#loaded(id), 'cancel', reason ?? 'the job ended');
    return true;
  }

  /** Adds a trial that did not exist; pending. */
  add(trial: Omit<TrialRecord, 'schema' | 'state' | 'history' | 'createdAt'>): TrialRecord {
    this.job.seq += 1;
    const record: TrialRecord = {
      ...trial,
      schema: 1,
      state: 'pending',
      createdAt: this.now,
      history: [[this.job.seq, 'issue']],
    };
    this.trials.set(record.id, record);
    this.job.open.push(record.id);
    if (record.role === 'search') {
      this.job.nextNumber += 1;
      this.job.counts.pending += 1;
    } else this.job.extras.push(record.id);
    this.touch(record);
    this.touch('job');
    return record;
  }

  /** Moves a trial, or answers false where the move is not legal. */
  move(trial: TrialRecord, move: TrialMove, reason: string | null = null): boolean {
    const state = nextTrialState(trial.state, move);
    if (!state) return false;
    if (trial.role === 'search') {
      this.job.counts[trial.state] -= 1;
      this.job.counts[state] += 1;
    }
    if (isSettled(trial.state)) this.job.rewritten += 1;
    trial.state = state;
    trial.reason = reason;
    this.job.seq += 1;
    trial.history.push([this.job.seq, move]);
    if (state !== 'running') this.#endAttempt(trial, move, reason);
    if (state === 'pending') trial.dispatch += 1;
    if (isSettled(state)) {
      trial.settledAt = this.now;
      this.job.open = this.job.open.filter((id) => id !== trial.id);
    }
    this.touch(trial);
    this.touch('job');
    return true;
  }

  /** Keeps best and reference on the job, so that status and list need no scan. */
  noteResult(trial: TrialRecord): void {
    if (trial.state !== 'complete' || !trial.result) return;
    const { value } = trial.result;
    if (trial.role === 'reference') this.job.reference = value;
    if (trial.role !== 'search' || trial.number === null) return;
    this.job.leaders = [...this.job.leaders, value]
      .sort((a, b) => (better(a, b, this.spec) ? -1 : 1))
      .slice(0, leadersOf(this.spec));
    const { best } = this.job;
    if (!best || better(value, best.value, this.spec))
      this.job.best = { number: trial.number, value, point: trial.point };
  }

  /** Finds the best again from all search trials, which must have been read. */
  recomputeBest(): void {
    this.job.best = null;
    this.job.leaders = [];
    const bySettling = [...this.trials.values()].sort((a, b) => a.history.at(-1)![0] - b.history.at(-1)![0]);
    for (const trial of bySettling) this.noteResult(trial);
  }

  #endAttempt(trial: TrialRecord, move: TrialMove, reason: string | null): void {
    const attempt = currentAttempt(trial);
    trial.lease = null;
    if (!attempt || attempt.outcome !== 'running') return;
    attempt.outcome = outcomes[move] ?? 'told';
    attempt.endedAt = this.now;
    attempt.reason = reason;
  }

  #loaded(id: string): TrialRecord {
    const trial = this.trials.get(id);
    if (!trial) throw new Error(`open trial ${id} of job ${this.job.id} was not read for this transition`);
    return trial;
  }
}

const outcomes: Partial<Record<TrialMove, Attempt['outcome']>> = {
  release: 'released',
  retry: 'failed',
  fail: 'failed',
  cancel: 'cancelled',
};
