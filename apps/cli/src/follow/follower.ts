import type { TrialResource } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import type { Host, LiveWorker } from '../hosts/host.ts';
import { isSettled, countExpectedTrials, type Snapshot } from './snapshot.ts';

const PAGE = 200;

/**
 * Looks at a job again and again, cheaply: after the first look it asks for the trials that have moved, and for nothing
 * but the status while nothing has changed.
 */
export class Follower {
  readonly #host: Host;
  readonly #id: string;
  readonly #withProgress: boolean;
  #spec: JobSpec | undefined;
  /** The change up to which the trials are known; null before they were read. */
  #seq: number | null = null;
  readonly #kept = new Map<string, TrialResource>();
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
      this.#trials = await this.#read(status.seq);
      if (this.#withProgress) this.#workers = await this.#host.workers(this.#id);
    }
    const trials = this.#trials;
    const settled = trials.filter(isSettled);
    const fresh = settled
      .filter(({ id }) => !this.#reported.has(id))
      .sort((a, b) => Date.parse(a.settledAt!) - Date.parse(b.settledAt!));
    for (const { id } of fresh) this.#reported.add(id);
    const done = settled.length;
    const total = countExpectedTrials(spec, status, trials);
    const msLeft = status.counts.running + status.workers > 0 ? status.timeLeftMs : null;
    return { status, spec, trials, fresh, workers: this.#workers, done, total, msLeft };
  }

  /** Reads all trials once, later those that have moved. `seq` is of a status that was read before. */
  async #read(seq: number): Promise<TrialResource[]> {
    // A job that was deleted and created again starts again.
    if (this.#seq === null || seq < this.#seq) await this.#readAll(seq);
    else if (seq > this.#seq) await this.#readChanges(this.#seq);
    if (this.#withProgress) this.#keep((await this.#host.trials(this.#id, { state: 'running', limit: PAGE })).items);
    return [...this.#kept.values()].sort(compareByNumber);
  }

  async #readAll(seq: number): Promise<void> {
    this.#kept.clear();
    let cursor: string | undefined;
    do {
      const page = await this.#host.trials(this.#id, { limit: PAGE, cursor });
      this.#keep(page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    this.#seq = seq;
  }

  async #readChanges(after: number): Promise<void> {
    for (let from = after; ;) {
      const { items, seq, hasMore } = await this.#host.changedTrials(this.#id, from);
      this.#keep(items);
      this.#seq = from = seq;
      if (!hasMore) return;
    }
  }

  #keep(trials: readonly TrialResource[]): void {
    for (const trial of trials) this.#kept.set(trial.id, trial);
  }
}

/** Search trials by number; the others follow as they were created. */
function compareByNumber(a: TrialResource, b: TrialResource): number {
  const [first, second] = [a, b].map(({ role, number }) => (role === 'search' ? number! : Number.MAX_SAFE_INTEGER));
  return first! - second!;
}
