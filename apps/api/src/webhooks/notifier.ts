import { toJobSummary } from '@gradsmith/contract';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { settleNotification, claimNotification, type JobNotification } from '@gradsmith/core/notifications';
import { type Log, type Signals } from '@gradsmith/core/ports';
import type { TargetGuard } from './guard.ts';
import { deliver } from './send.ts';

export interface WebhookSettings {
  /** Signs every notice; whoever gets them has to know it. */
  secret: string;
  guard: TargetGuard;
}

/** Longer than a delivery may take, ms. */
const HOLD_MS = 30_000;
/** How often jobs are looked through in case a signal was lost, and how many of the newest, also ended ones. */
const SWEEP_MS = 60_000;
const SWEEP_JOBS = 1_000;
/** Jobs looked at in a row before others get their turn. */
const PAGE = 100;

/**
 * Tells webhooks what happened to their jobs, at least once each. What was told is in the ledger, so that any number of
 * processes may do this, and what one did not manage before it died another goes on with.
 */
export class Notifier {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #settings: WebhookSettings;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #sweeper: NodeJS.Timeout;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(ledger: Ledger, signals: Signals, log: Log, settings: WebhookSettings) {
    this.#ledger = ledger;
    this.#log = log;
    this.#settings = settings;
    this.#unsubscribe = signals.subscribe((jobId) => this.look(jobId));
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    void this.#sweep();
  }

  /** Tells what is due for the job, now or right after what is being told. */
  look(jobId: string): void {
    if (this.#stop.signal.aborted) return;
    if (this.#busy.has(jobId)) {
      this.#again.add(jobId);
      return;
    }
    clearTimeout(this.#timers.get(jobId));
    this.#timers.delete(jobId);
    const looking = this.#deliverAll(jobId)
      .catch((error: unknown) =>
        this.#log.warn({ err: error, job: jobId }, 'webhooks of this job wait for the next look'),
      )
      .finally(() => {
        this.#busy.delete(jobId);
        if (this.#again.delete(jobId)) this.look(jobId);
      });
    this.#busy.set(jobId, looking);
  }

  /** Stops; a notice that is being sent is cut off and sent again by whoever comes next. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#unsubscribe();
    clearInterval(this.#sweeper);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#busy.values());
  }

  async #deliverAll(jobId: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { notification, next } = await claimNotification(this.#ledger, jobId, HOLD_MS);
      if (notification) await this.#deliver(notification);
      else {
        if (next !== null) this.#timers.set(jobId, setTimeout(() => this.look(jobId), next + 50).unref());
        return;
      }
    }
  }

  async #deliver(notification: JobNotification): Promise<void> {
    const { id, url, kind, job, tries } = notification;
    const fields = { job: job.id, notification: id, kind, tries, host: new URL(url).host };
    let delivered = false;
    try {
      const status = await deliver(
        { url, id, body: JSON.stringify(toBody(notification)) },
        this.#settings.secret,
        this.#settings.guard,
        this.#stop.signal,
      );
      delivered = status >= 200 && status < 300;
      if (!delivered) this.#log.warn({ ...fields, status }, 'webhook answered with an error');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#log.warn({ ...fields, err: error }, 'webhook not reached');
    }
    const outcome = await settleNotification(this.#ledger, notification, delivered);
    if (outcome === 'delivered') this.#log.info(fields, 'webhook delivered');
    if (outcome === 'given-up') this.#log.error(fields, 'webhook given up');
  }

  async #sweep(): Promise<void> {
    try {
      let seen = 0;
      for await (const id of this.#ledger.listJobs()) {
        if (this.#stop.signal.aborted || ++seen > SWEEP_JOBS) return;
        this.look(id);
        if (seen % PAGE === 0) await Promise.all(this.#busy.values());
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'jobs not looked through for webhooks; trying again');
    }
  }
}

/** What a webhook gets: the job as in lists, and the point of its best trial. */
function toBody({ kind, job, spec }: JobNotification): object {
  return {
    type: `job.${kind}`,
    timestamp: new Date().toISOString(),
    data: {
      ...toJobSummary(summarizeJob(job, spec)),
      best: job.best && { trial: String(job.best.number), value: job.best.value, point: job.best.point },
    },
  };
}
