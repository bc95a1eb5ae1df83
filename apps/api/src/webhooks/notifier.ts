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
/** Jobs checked at once. */
const PAGE = 100;

/**
 * Notifies webhooks of the events of their jobs, at least once each. The ledger records each delivery, so any number of
 * processes may do this, and another process continues the work of one that stopped.
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
    this.#unsubscribe = signals.subscribe((jobId) => this.checkJob(jobId));
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    void this.#sweep();
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
      .catch((error: unknown) => this.#log.warn({ err: error, job: jobId }, 'webhooks of this job are delayed'))
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
    await Promise.all(this.#busy.values());
  }

  async #sendDueNotifications(jobId: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { notification, next } = await claimNotification(this.#ledger, jobId, HOLD_MS);
      if (notification) await this.#sendNotification(notification);
      else {
        if (next !== null) this.#timers.set(jobId, setTimeout(() => this.checkJob(jobId), next + 50).unref());
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

  async #sweep(): Promise<void> {
    try {
      let seen = 0;
      for await (const id of this.#ledger.listJobs()) {
        if (this.#stop.signal.aborted || ++seen > SWEEP_JOBS) return;
        this.checkJob(id);
        if (seen % PAGE === 0) await Promise.all(this.#busy.values());
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'jobs could not be checked for webhooks; trying again later');
    }
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
