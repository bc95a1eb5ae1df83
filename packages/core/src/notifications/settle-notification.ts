import { NotFound } from '../domain/errors.ts';
import { createDelivery, type WebhookRecord } from '../domain/notifications-record.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobNotification } from './claim-notification.ts';

/**
 * What a try at a delivery came to. `gone`: the receiver wants nothing more. `retryAfterMs`: the pause that the
 * receiver asks for.
 */
export type DeliveryResult = { kind: 'delivered' } | { kind: 'gone' } | { kind: 'failed'; retryAfterMs?: number };

/** `retry`: it is tried again later. `given-up`: it failed too often and is dropped. `disabled`: so is the address. */
export type NotificationOutcome = 'delivered' | 'retry' | 'given-up' | 'disabled';

/** Deliveries of one notification, with pauses that double from the first to the longest: about a day in all. */
const MAX_TRIES = 30;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** The longest pause that a receiver may ask for. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/** Records the result of a claimed notification's delivery. One that failed is tried again after a growing pause. */
export async function settleNotification(
  ledger: Ledger,
  notification: JobNotification,
  result: DeliveryResult,
): Promise<NotificationOutcome> {
  const outcome = chooseOutcome(notification.tries, result);
  try {
    return await ledger.transact(notification.job.id, { notifications: true }, (draft) => {
      const record = draft.notifications.hooks[notification.hook];
      if (!record) return outcome;
      if (outcome === 'disabled') disableAddress(draft, notification.url);
      else if (outcome === 'retry') delayDelivery(draft, record, notification, result);
      else concludeDelivery(record, notification);
      draft.markChanged('notifications');
      return outcome;
    });
  } catch (error) {
    if (error instanceof NotFound) return outcome;
    throw error;
  }
}

function chooseOutcome(tries: number, { kind }: DeliveryResult): NotificationOutcome {
  if (kind === 'delivered') return 'delivered';
  if (kind === 'gone') return 'disabled';
  return tries >= MAX_TRIES ? 'given-up' : 'retry';
}

/** Disables every webhook of the job that has this address. */
function disableAddress({ spec, notifications }: Draft, url: string): void {
  for (const [hook, webhook] of (spec.webhooks ?? []).entries()) {
    if (webhook.url === url) notifications.hooks[hook]!.isDisabled = true;
  }
}

function delayDelivery(
  draft: Draft,
  record: WebhookRecord,
  { kind, tries }: JobNotification,
  result: DeliveryResult,
): void {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  const retryAfter = result.kind === 'failed' ? (result.retryAfterMs ?? 0) : 0;
  record.deliveries[kind].notBefore = draft.now + Math.max(pause, Math.min(retryAfter, LONGEST_RETRY_AFTER_MS));
}

function concludeDelivery(record: WebhookRecord, { kind, job }: JobNotification): void {
  record.deliveries[kind] = createDelivery();
  if (kind === 'finished') record.finished = job.finishedAt;
  // The end of a job contains its best trial, so an older best is not sent after it.
  if (job.best) record.best = job.best.number;
}
