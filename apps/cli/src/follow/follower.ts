import type { TrialResource } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import type { Host, LiveWorker } from '../hosts/host.ts';
import { isSettled, estimateTimeLeft, countExpectedTrials, type Snapshot } from './snapshot.ts';

const PAGE = 200;

/**
 * Looks at a job again and again, cheaply: pages of trials that are all settled are kept and not asked for again, and
 * nothing but the status is asked for while nothing has changed.
 */
export class Follower {
  readonly #host: Host;
  readonly #id: string;
  readonly #withProgress: boolean;
  #spec: JobSpec | undefined;
  #seq = -1;
  #kept: TrialResource[] = [];
  #cursor: string | undefined;
  #trials: TrialResource[] = [];
  #workers: LiveWorker[] = [];
  readonly #reported = new Set<string>();

  /** `withProgress`: running trials and workers are read each time. */
  constructor(host: Host, id: string, withProgress: boolean) {
    this.#host = host;
    this.#id = id;
    this.#withProgress = withProgress;
  }

  async look(): Promise<Snapshot> {
    this.#spec ??= await this.#host.spec(this.#id);
    const spec = this.#spec;
    const status = await this.#host.status(this.#id);
    if (status.seq !== this.#seq || this.#withProgress) {
      this.#trials = await this.#read();
      if (this.#withProgress) this.#workers = await this.#host.workers(this.#id);
      this.#seq = status.seq;
    }
    const trials = this.#trials;
    const settled = trials.filter(isSettled);
    const fresh = settled
      .filter(({ id }) => !this.#reported.has(id))
      .sort((a, b) => Date.parse(a.settledAt!) - Date.parse(b.settledAt!));
    for (const { id } of fresh) this.#reported.add(id);
    const done = settled.length;
    const total = countExpectedTrials(spec, status, trials);
    const msLeft =
      status.state === 'running' && status.counts.running + status.workers > 0
        ? estimateTimeLeft(trials, total - done)
        : null;
    return { status, spec, trials, fresh, workers: this.#workers, done, total, msLeft };
  }

  async #read(): Promise<TrialResource[]> {
    const tail: TrialResource[] = [];
    let cursor = this.#cursor;
    for (;;) {
      const page = await this.#host.trials(this.#id, { limit: PAGE, cursor });
      // Search trials keep their place. Reference and confirmations move back when search trials are added.
      const final =
        tail.length === 0 &&
        page.next !== null &&
        page.items.every((trial) => trial.role === 'search' && isSettled(trial));
      if (final) {
        this.#kept.push(...page.items);
        this.#cursor = page.next!;
      } else tail.push(...page.items);
      if (page.next === null) return [...this.#kept, ...tail];
      cursor = page.next;
    }
  }
}
