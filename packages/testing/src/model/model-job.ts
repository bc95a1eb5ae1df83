/**
 * A minimal model of one job under the trial protocol, independent of the ledger's code, for the model-based test. Its
 * answers are those of the ledger; `error` stands for an exception.
 */
type State = 'pending' | 'running' | 'complete' | 'failed' | 'cancelled';

export interface ModelAttempt {
  id: string;
  outcome: 'running' | 'reported' | 'failed' | 'released' | 'expired' | 'cancelled';
}

interface ModelTrial {
  state: State;
  attempts: ModelAttempt[];
  /** Whether its lease has expired. */
  isLeaseExpired: boolean;
  reported: number | null;
}

export interface Limits {
  attempts: number;
  maxFailures: number;
}

export class ModelJob {
  state = 'running';
  budget: number;
  invalidated = 0;
  fence = 1;
  readonly trials: ModelTrial[] = [];
  readonly #limits: Limits;
  /** Numbers of complete trials in the order they were reported. */
  #order: number[] = [];

  constructor(budget: number, limits: Limits) {
    this.budget = budget;
    this.#limits = limits;
  }

  get left(): number {
    return this.budget - (this.trials.length - this.invalidated);
  }

  get open(): ModelTrial[] {
    return this.trials.filter(({ state }) => state === 'pending' || state === 'running');
  }

  count(state: string): number {
    return this.trials.filter((trial) => trial.state === state).length;
  }

  /** The number of the best trial: the lowest value, and of equal ones the one reported first. */
  get best(): number | null {
    return this.#order.reduce<number | null>(
      (best, n) => (best === null || this.trials[n]!.reported! < this.trials[best]!.reported! ? n : best),
      null,
    );
  }

  createTrial(number: number, fence: number): string {
    if (fence !== this.fence) return 'stale-fence';
    if (number < this.trials.length) return 'already';
    if (this.state !== 'running') return 'job-not-running';
    if (this.left <= 0) return 'no-budget';
    if (number > this.trials.length) return 'not-next';
    this.trials.push({ state: 'pending', attempts: [], isLeaseExpired: false, reported: null });
    return 'created';
  }

  startTrial(number: number, id: string, expired: boolean): string {
    const trial = this.trials[number];
    if (!trial) return 'unknown-trial';
    if (trial.state === 'running') return trial.attempts.at(-1)!.id === id ? 'started' : 'leased';
    if (trial.state !== 'pending') return 'settled';
    if (trial.attempts.some((attempt) => attempt.id === id)) return 'attempt-over';
    if (this.state !== 'running') return 'job-not-running';
    trial.attempts.push({ id, outcome: 'running' });
    trial.state = 'running';
    trial.isLeaseExpired = expired;
    return 'started';
  }

  heartbeat(number: number, id: string, expired: boolean): string {
    const trial = this.trials[number];
    if (trial?.state === 'cancelled') return 'cancel';
    const attempt = this.#held(number, id);
    if (!trial || !attempt) return 'stale';
    trial.state = 'running';
    attempt.outcome = 'running';
    trial.isLeaseExpired = expired;
    return 'continue';
  }

  tell(number: number, id: string, value: number): string {
    const trial = this.trials[number];
    if (!trial) return 'stale';
    if (trial.reported !== null && trial.attempts.at(-1)!.id === id)
      return trial.reported === value ? 'already' : 'conflict';
    const attempt = this.#held(number, id);
    if (!attempt) return 'stale';
    attempt.outcome = 'reported';
    trial.reported = value;
    trial.state = 'complete';
    this.#order.push(number);
    return 'reported';
  }

  release(number: number, id: string): string {
    const attempt = this.#held(number, id);
    if (!attempt || this.trials[number]!.state !== 'running') return 'stale';
    attempt.outcome = 'released';
    this.trials[number]!.state = 'pending';
    return 'released';
  }

  fail(number: number, id: string, final: boolean): string {
    const attempt = this.#held(number, id);
    if (!attempt || this.trials[number]!.state !== 'running') return 'stale';
    return this.#endAttempt(this.trials[number]!, attempt, 'failed', final);
  }

  expire(number: number, fence: number): string {
    if (fence !== this.fence) return 'stale-fence';
    const trial = this.trials[number];
    if (trial?.state !== 'running' || !trial.isLeaseExpired) return 'alive';
    this.#endAttempt(trial, trial.attempts.at(-1)!, 'expired', false);
    return 'expired';
  }

  steer(move: 'pause' | 'resume' | 'cancel'): string {
    const { from, to } = {
      pause: { from: ['running'], to: 'paused' },
      resume: { from: ['paused'], to: 'running' },
      cancel: { from: ['running', 'paused'], to: 'cancelled' },
    }[move];
    if (this.state === to) return to;
    if (!from.includes(this.state)) return 'error';
    this.#end(to);
    this.#limitFailures();
    return this.state;
  }

  move(move: 'complete' | 'exhaust' | 'fail', fence: number): boolean | 'stale-fence' {
    if (fence !== this.fence) return 'stale-fence';
    if (this.state !== 'running') return false;
    if (move === 'complete' && (this.left > 0 || this.open.length)) return false;
    if (move === 'exhaust' && this.open.length) return false;
    this.#end({ complete: 'completed', exhaust: 'exhausted', fail: 'failed' }[move]);
    return true;
  }

  extend(trials: number): number | 'error' {
    const isFinished = this.state === 'completed' || this.state === 'exhausted';
    if (trials === this.budget && !(isFinished && this.left > 0)) return trials;
    if (trials < this.budget || this.state === 'failed' || this.state === 'cancelled') return 'error';
    this.budget = trials;
    if (isFinished) this.state = 'running';
    return trials;
  }

  invalidate(number: number): 'done' | 'error' {
    const trial = this.trials[number];
    // Only a trial that was reported can have been invalidated before: repeated, it changes nothing.
    if (trial?.state === 'cancelled' && trial.reported !== null) return 'done';
    if (trial?.state !== 'complete') return 'error';
    trial.state = 'cancelled';
    this.invalidated += 1;
    this.#order = this.#order.filter((n) => n !== number);
    return 'done';
  }

  /** Returns the trial's last attempt if it has this id and is not stale. */
  #held(number: number, id: string): ModelAttempt | null {
    const trial = this.trials[number];
    const last = trial?.attempts.at(-1);
    if (!trial || last?.id !== id) return null;
    return trial.state === 'running' || (trial.state === 'pending' && last.outcome === 'expired') ? last : null;
  }

  #endAttempt(trial: ModelTrial, attempt: ModelAttempt, outcome: 'failed' | 'expired', final: boolean): string {
    attempt.outcome = outcome;
    const used = trial.attempts.filter((one) => one.outcome === 'failed' || one.outcome === 'expired').length;
    if (!final && used < this.#limits.attempts) {
      trial.state = 'pending';
      return 'retry';
    }
    trial.state = 'failed';
    this.#limitFailures();
    return 'failed';
  }

  /** Fails a running job that has more failures than allowed. */
  #limitFailures(): void {
    if (this.state === 'running' && this.count('failed') > this.#limits.maxFailures) this.#end('failed');
  }

  #end(state: string): void {
    this.state = state;
    if (state === 'running' || state === 'paused') return;
    for (const trial of this.open) {
      if (trial.state === 'running') trial.attempts.at(-1)!.outcome = 'cancelled';
      trial.state = 'cancelled';
    }
  }
}
