import { toJobSummary } from '@gradsmith/contract';
import { summarizeJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import {
  claimNotification,
  settleNotification,
  type DeliveryResult,
  type JobNotification,
} from '@gradsmith/core/notifications';
import { type Log, type Signals } from '@gradsmith/core/ports';
import { sendMessage, toDeliveryResult, type SendSettings } from './send.ts';

export type WebhookSettings = SendSettings;

/** Longer than a delivery may take, ms. */
const HOLD_MS = 30_000;
/** How often the newest jobs are checked in case a signal was lost, and how many of them. */
const SWEEP_MS = 60_000;
const SWEEP_JOBS = 1_000;
/** How often all jobs are checked, ms. */
const SWEEP_ALL_MS = 3_600_000;
/** A sweep checks the next job only while fewer jobs than this are being checked. */
const AT_ONCE = 100;

/**
 * Notifies webhooks of the events of their jobs, at least once each. The ledger records each delivery, so any number of
 * processes may do this, and another process continues the work of one that stopped: it checks all jobs when it
 * starts.
 */
export class Notifier {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #settings: WebhookSettings;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #sweeper: NodeJS.Timeout;
  /** The sweep in progress. */
  #sweeping: Promise<void> | null = null;
  /** From when on a sweep checks all jobs (`performance.now()`). */
  #sweepAllAt = -Infinity;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(ledger: Ledger, signals: Signals, log: Log, settings: WebhookSettings) {
    this.#ledger = ledger;
    this.#log = log;
    this.#settings = settings;
    this.#unsubscribe = signals.subscribe((jobId) => this.checkJob(jobId));
    this.#sweeper = setInterval(() => this.#startSweep(), SWEEP_MS).unref();
    this.#startSweep();
  }

  /** Sends the notifications of the job that are due, now or right after those in progress. */
  checkJob(jobId: string): void {
    if (this.#stop.signal.aborted) return;
    if (this.#busy.has(jobId)) {
      this.#again.add(jobId);
      return;
    }
    clearTimeout(this.#timers.get(jobId));
    this.#timers.delete(jobId);
    const checking = this.#sendDueNotifications(jobId)
      .catch((error: unknown) => {
        this.#log.warn({ err: error, job: jobId }, 'webhooks of this job are delayed');
        this.#checkLater(jobId, SWEEP_MS);
      })
      .finally(() => {
        this.#busy.delete(jobId);
        if (this.#again.delete(jobId)) this.checkJob(jobId);
      });
    this.#busy.set(jobId, checking);
  }

  /** Stops. A delivery in progress is cut off and repeated by the next process. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#unsubscribe();
    clearInterval(this.#sweeper);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all([this.#sweeping, ...this.#busy.values()]);
  }

  #checkLater(jobId: string, ms: number): void {
    this.#timers.set(jobId, setTimeout(() => this.checkJob(jobId), ms).unref());
  }

  async #sendDueNotifications(jobId: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { notification, next } = await claimNotification(this.#ledger, jobId, HOLD_MS);
      if (notification) await this.#sendNotification(notification);
      else {
        if (next !== null) this.#checkLater(jobId, next + 50);
        return;
      }
    }
  }

  async #sendNotification(notification: JobNotification): Promise<void> {
    const { id, url, kind, job, tries } = notification;
    const fields = { job: job.id, notification: id, kind, tries, host: new URL(url).host };
    const result = await this.#send(notification, fields);
    if (!result) return;
    const outcome = await settleNotification(this.#ledger, notification, result);
    if (outcome === 'delivered') this.#log.info(fields, 'webhook delivered');
    if (outcome === 'given-up') this.#log.error(fields, 'webhook failed; it is not tried again');
    if (outcome === 'disabled') this.#log.error(fields, 'webhook answered 410 Gone; its address is disabled');
  }

  /** Returns null if this process stops during the delivery. */
  async #send(notification: JobNotification, fields: object): Promise<DeliveryResult | null> {
    const { url, id } = notification;
    try {
      const message = { url, id, body: JSON.stringify(toBody(notification)) };
      const answer = await sendMessage(message, this.#settings, this.#stop.signal);
      const result = toDeliveryResult(answer);
      if (result.kind === 'failed') this.#log.warn({ ...fields, ...answer }, 'webhook answered with an error');
      return result;
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      this.#log.warn({ ...fields, err: error }, 'webhook not reached');
      return { kind: 'failed' };
    }
  }

  #startSweep(): void {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) =>
        this.#log.warn({ err: error }, 'jobs could not be checked for webhooks; trying again later'),
      )
      .finally(() => (this.#sweeping = null));
  }

  /** Checks the newest jobs; all jobs at first and from time to time, and again if that did not succeed. */
  async #sweep(): Promise<void> {
    const startedAt = performance.now();
    const checksAll = startedAt >= this.#sweepAllAt;
    let seen = 0;
    for await (const id of this.#ledger.listJobs()) {
      while (this.#busy.size >= AT_ONCE) await Promise.race(this.#busy.values());
      if (this.#stop.signal.aborted || (++seen > SWEEP_JOBS && !checksAll)) return;
      this.checkJob(id);
    }
    if (checksAll) this.#sweepAllAt = startedAt + SWEEP_ALL_MS;
  }
}

/** Returns the body of a notification: the job as in lists, with the point of its best trial. */
function toBody({ kind, job, spec, now }: JobNotification): object {
  return {
    type: `job.${kind}`,
    timestamp: new Date().toISOString(),
    data: {
      ...toJobSummary(summarizeJob({ job, spec, now })),
      best: job.best && { trial: String(job.best.number), value: job.best.value, point: job.best.point },
    },
  };
}
