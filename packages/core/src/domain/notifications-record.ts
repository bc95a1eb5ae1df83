import type { JobRecord } from './job-record.ts';
import { isActive } from './job-states.ts';
import { SCHEMA_VERSION } from './schema-version.ts';

/** Which events the webhooks of a job have received, by webhook in the order of the specification. */
export interface NotificationsRecord {
  schema: typeof SCHEMA_VERSION;
  hooks: WebhookRecord[];
}

export const notificationKinds = ['best', 'finished'] as const;
export type NotificationKind = (typeof notificationKinds)[number];

export interface WebhookRecord {
  /** Number of the last best trial that was delivered. */
  best: number | null;
  /** `finishedAt` of the last end that was delivered. An extended job finishes again. */
  finished: number | null;
  /** The address answered 410 Gone: nothing more is sent to it. */
  isDisabled: boolean;
  /** Deliveries of the events that are due. Each kind has its own, so that neither waits for the other. */
  deliveries: Record<NotificationKind, DeliveryRecord>;
}

export interface DeliveryRecord {
  /** What is delivered: the number of the best trial, or when the job finished. Absent before the first try. */
  subject?: number | undefined;
  /** Tries so far to deliver it. */
  tries: number;
  /** Nobody tries before this time (ledger's clock, ms): a try is in progress, or the last one failed. */
  notBefore: number;
}

/** Returns the record of webhooks that have received everything up to `delivered`; by default, nothing. */
export function createNotifications(
  webhooks: number,
  delivered: Pick<WebhookRecord, 'best' | 'finished'> = { best: null, finished: null },
): NotificationsRecord {
  const { best, finished } = delivered;
  const hooks = Array.from({ length: webhooks }, (): WebhookRecord => {
    const deliveries = { best: createDelivery(), finished: createDelivery() };
    return { best, finished, isDisabled: false, deliveries };
  });
  return { schema: SCHEMA_VERSION, hooks };
}

/** Lists the events that a webhook has not received yet, and that nobody has given up. `on`: those it asks for. */
export function listDueKinds(job: JobRecord, on: readonly string[], record: WebhookRecord): NotificationKind[] {
  if (record.isDisabled) return [];
  const isDue = {
    best: job.best !== null && job.best.number !== record.best,
    finished: !isActive(job.state) && job.finishedAt !== record.finished,
  };
  return notificationKinds.filter((kind) => on.includes(kind) && isDue[kind]);
}

export function createDelivery(): DeliveryRecord {
  return { tries: 0, notBefore: 0 };
}
