import { countResults, countSettled, getUnusedBudget } from '../domain/budget.ts';
import { isBetter } from '../domain/direction.ts';
import { createEnqueuedPoints, type EnqueuedPoints } from '../domain/enqueued-points.ts';
import { computePairedGain } from '../domain/gain.ts';
import { addImprovement } from '../domain/improvements.ts';
import type { JobDetails } from '../domain/job-details.ts';
import type { JobRecord, LeaseRecord, StopRule } from '../domain/job-record.ts';
import { isActive, nextJobState, type JobMove, type JobState } from '../domain/job-states.ts';
import { createNotifications, type NotificationsRecord } from '../domain/notifications-record.ts';
import { addPause, addSettledTime } from '../domain/pace.ts';
import { addToFront } from '../domain/pareto-record.ts';
import type { RungsRecord } from '../domain/pruning.ts';
import type { Recording } from '../domain/recording.ts';
import type { AttemptKey, ReportsRecord } from '../domain/reports.ts';
import { SCHEMA_VERSION } from '../domain/schema-version.ts';
import { getCurrentAttempt, type Attempt, type TrialRecord } from '../domain/trial-record.ts';
import { isSettled, nextTrialState, type TrialMove } from '../domain/trial-states.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { countLeaders } from '../spec/list-rungs.ts';
import { findViolation, type Violation } from '../spec/measured-constraints.ts';
import { readObjectives, toCosts } from '../spec/objectives.ts';
import { isSearchTimeOver } from '../spec/stop-rules.ts';
import { fields } from './records.ts';

/** What a transition may change. */
type Changed = 'job' | 'names' | 'lease' | 'enqueued' | 'rungs' | 'notifications' | 'details' | TrialRecord;

/** Records of a job besides specification and trials; null if not stored or not read. */
export interface Stored {
  lease: LeaseRecord | null;
  enqueued: EnqueuedPoints | null;
  rungs: RungsRecord | null;
  notifications: NotificationsRecord | null;
  details: JobDetails | null;
  /** By field of the store. */
  reports: ReadonlyMap<string, ReportsRecord>;
}

type AttemptOutcome = Attempt['outcome'];

/** How a move ends an attempt by default; other moves end it with a result. */
const outcomes: Partial<Record<TrialMove, AttemptOutcome>> = {
  release: 'released',
  retry: 'failed',
  fail: 'failed',
  cancel: 'cancelled',
};

/** Why a trial moves. */
interface MoveCause {
  reason?: string | null;
  /** How the move ends the attempt, if not as usual. */
  outcome?: AttemptOutcome | undefined;
}

/** A job during one transition: the only place where states, counts and sequence numbers change. */
export class Draft {
  readonly now: number;
  readonly spec: JobSpec;
  readonly job: JobRecord;
  /** State of the job before the transition. */
  readonly stateBefore: JobState;
  readonly trials: Map<string, TrialRecord>;
  lease: LeaseRecord | null;
  enqueued: EnqueuedPoints;
  rungs: RungsRecord;
  notifications: NotificationsRecord;
  details: JobDetails | null;
  /** Curves to store with this change, by trial id. */
  readonly curves = new Map<string, string>();
  /** Recordings to store with this change, by trial id. */
  readonly recordings = new Map<string, Recording>();
  /** What attempts report with this change, by field of the store. */
  readonly changedReports = new Map<string, ReportsRecord>();
  readonly #reports: ReadonlyMap<string, ReportsRecord>;
  readonly #changed = new Set<Changed>();

  constructor(now: number, spec: JobSpec, job: JobRecord, stored: Stored, trials: TrialRecord[]) {
    this.now = now;
    this.spec = spec;
    this.job = job;
    this.stateBefore = job.state;
    this.lease = stored.lease;
    this.enqueued = stored.enqueued ?? createEnqueuedPoints();
    this.rungs = stored.rungs ?? { schema: SCHEMA_VERSION, rungs: {} };
    this.notifications = stored.notifications ?? createNotifications(spec.webhooks?.length ?? 0);
    this.details = stored.details;
    this.#reports = stored.reports;
    this.trials = new Map(trials.map((trial) => [trial.id, trial]));
  }

  get changed(): ReadonlySet<Changed> {
    return this.#changed;
  }

  /** Marks what a transition altered without a change of state (progress, a lease's end). */
  markChanged(what: Changed): void {
    this.#changed.add(what);
  }

  /** Returns what an attempt has reported so far, if it was read for this transition. */
  getReports(key: AttemptKey): ReportsRecord | undefined {
    const field = fields.reports(key);
    return this.changedReports.get(field) ?? this.#reports.get(field);
  }

  /** The trial must be marked as changed, too. */
  setReports(key: AttemptKey, record: ReportsRecord): void {
    this.changedReports.set(fields.reports(key), record);
  }

  /** Moves the job, or answers false where the move is not legal. Leaving the active states cancels open trials. */
  moveJob(move: JobMove, reason: string | null = null): boolean {
    const state = nextJobState(this.job.state, move);
    if (!state) return false;
    if (this.job.state === 'paused') this.#endPause();
    this.job.state = state;
    this.job.reason = reason;
    this.job.seq += 1;
    if (move === 'pause') this.job.pausedAt = this.now;
    if (move === 'start') this.job.startedAt = this.now;
    if (move === 'extend') this.job.resumed = { at: this.now, settled: countSettled(this.job) };
    this.job.finishedAt = isActive(state) ? null : this.now;
    this.markChanged('job');
    if (!isActive(state))
      for (const id of this.job.open)
        this.moveTrial(this.#loaded(id), 'cancel', { reason: reason ?? 'the job finished' });
    return true;
  }

  /** Records the pause that ends now. One in which trials still ran is not recorded: it has not held up the job. */
  #endPause(): void {
    const isBusy = this.job.open.some((id) => this.#loaded(id).state === 'running');
    const pauses = addPause(this.job, this.now, isBusy);
    if (pauses.length) this.job.pauses = pauses;
    delete this.job.pausedAt;
  }

  /** Keeps when a trial settled, for the pace of the job. */
  #keepSettledTime({ role }: TrialRecord): void {
    const field = role === 'search' ? 'settledTimes' : 'extraTimes';
    this.job[field] = addSettledTime(this.job[field] ?? [], this.now);
  }

  /** Adds a trial that did not exist; pending. */
  addTrial(trial: Omit<TrialRecord, 'schema' | 'state' | 'history' | 'createdAt'>): TrialRecord {
    this.job.seq += 1;
    const record: TrialRecord = {
      ...trial,
      schema: SCHEMA_VERSION,
      state: 'pending',
      createdAt: this.now,
      history: [[this.job.seq, 'create']],
    };
    this.trials.set(record.id, record);
    this.job.open.push(record.id);
    if (record.role === 'search') {
      this.job.nextNumber += 1;
      this.job.counts.pending += 1;
    } else this.job.extras.push(record.id);
    this.markChanged(record);
    this.markChanged('job');
    return record;
  }

  /** Moves a trial and ends its attempt, or returns false if the move is not legal. */
  moveTrial(
    trial: TrialRecord,
    move: TrialMove,
    { reason = null, outcome = outcomes[move] ?? 'reported' }: MoveCause = {},
  ): boolean {
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
    if (state !== 'running') this.#endAttempt(trial, outcome, reason);
    if (state === 'pending') trial.dispatch += 1;
    if (isSettled(state)) {
      trial.settledAt = this.now;
      if (state !== 'cancelled') this.#keepSettledTime(trial);
      // A new array: a caller may move the trials of this one in turn. It is copied without a call for each.
      const place = this.job.open.indexOf(trial.id);
      if (place >= 0) this.job.open = this.job.open.toSpliced(place, 1);
    }
    this.markChanged(trial);
    this.markChanged('job');
    return true;
  }

  /**
   * Keeps best and reference on the job, so that status and list need no scan.
   *
   * @param settled search trials that had settled by then
   */
  recordResult(trial: TrialRecord, settled: number = countSettled(this.job)): void {
    if (trial.state !== 'complete' || !trial.result) return;
    const { value } = trial.result;
    if (trial.role === 'reference') this.job.reference = value;
    if (trial.role !== 'search' || trial.number === null) return;
    if (trial.feasible === false) return this.#recordInfeasible(trial.number, findViolation(this.spec, trial.result));
    if (this.spec.objectives) return this.#recordOutcome(trial.number, trial.result);
    this.job.leaders = [...this.job.leaders, value]
      .sort((a, b) => (isBetter(a, b, getDirection(this.spec)) ? -1 : 1))
      .slice(0, countLeaders(this.spec));
    const { best } = this.job;
    if (best && !isBetter(value, best.value, getDirection(this.spec))) return;
    this.job.best = { number: trial.number, value, point: trial.point };
    this.job.improvements = addImprovement(this.job.improvements ?? [], [settled, value]);
    this.startPatience();
  }

  /** Adds a trial to the Pareto front, if it belongs there. */
  #recordOutcome(number: number, result: NonNullable<TrialRecord['result']>): void {
    const values = readObjectives(this.spec, result);
    if (!values) return;
    const { pareto, isChanged } = addToFront(this.job.pareto, { number, values }, (each) =>
      toCosts(this.spec.objectives!, each),
    );
    this.job.pareto = pareto;
    if (isChanged) this.startPatience();
  }

  #recordInfeasible(number: number, found: Violation | null): void {
    this.job.infeasible = (this.job.infeasible ?? 0) + 1;
    const { closest } = this.job;
    if (found && (!closest || found.violation < closest.violation)) this.job.closest = { number, ...found };
  }

  /** Lets the patience of `search.stop` count from here. */
  startPatience(): void {
    if (this.spec.search.stop?.patience !== undefined) this.job.patienceFrom = countResults(this.job);
  }

  /**
   * Stops the search: no further search trial is created. A search whose budget is used up is finished already. A
   * paused job can be stopped, too: its running trials still report results.
   */
  stopSearch(rule: StopRule): void {
    if (this.job.stopped || !isActive(this.job.state) || getUnusedBudget(this.job) <= 0) return;
    this.job.stopped = { rule, at: this.now };
    this.job.seq += 1;
    this.markChanged('job');
  }

  /** Lets a search that was stopped, or whose time is over, go on. */
  resumeSearch(): void {
    const isOver = isActive(this.job.state) && isSearchTimeOver(this.job, this.spec, this.now);
    if (this.job.stopped || isOver) this.restartSearch();
  }

  /** Lets the time, the deadline and the patience of the search count from now; no rule has stopped it. */
  restartSearch(): void {
    delete this.job.stopped;
    delete this.job.converged;
    this.job.resumed = { at: this.now, settled: countSettled(this.job) };
    this.startPatience();
    this.markChanged('job');
  }

  /**
   * Finds the best again from all search trials, which must have been read. A rule that stopped the search no longer
   * does.
   */
  recomputeBest(): void {
    if (isActive(this.job.state)) this.resumeSearch();
    this.job.best = null;
    this.job.leaders = [];
    delete this.job.improvements;
    delete this.job.pareto;
    delete this.job.infeasible;
    delete this.job.closest;
    const bySettling = [...this.trials.values()].sort((a, b) => a.history.at(-1)![0] - b.history.at(-1)![0]);
    let settled = 0;
    for (const trial of bySettling) {
      if (trial.role === 'search' && isSettled(trial.state) && trial.state !== 'cancelled') settled += 1;
      this.recordResult(trial, settled);
    }
    this.recordConfirmedGain();
  }

  /** Keeps the gain of the best trial on the job, so that lists need no trial. The trials of its pairs must be read. */
  recordConfirmedGain(): void {
    delete this.job.confirmedGain;
    const { best } = this.job;
    if (!best) return;
    const query = { direction: getDirection(this.spec), seeds: this.spec.confirm.seeds };
    const { gains, mean, interval } = computePairedGain([...this.trials.values()], query, best.number, null);
    if (gains.length) this.job.confirmedGain = { trial: best.number, mean, interval, seeds: gains.length };
  }

  #endAttempt(trial: TrialRecord, outcome: AttemptOutcome, reason: string | null): void {
    const attempt = getCurrentAttempt(trial);
    trial.lease = null;
    if (!attempt || attempt.outcome !== 'running') return;
    attempt.outcome = outcome;
    attempt.finishedAt = this.now;
    attempt.reason = reason;
  }

  #loaded(id: string): TrialRecord {
    const trial = this.trials.get(id);
    if (!trial) throw new Error(`open trial ${id} of job ${this.job.id} was not read for this transition`);
    return trial;
  }
}
