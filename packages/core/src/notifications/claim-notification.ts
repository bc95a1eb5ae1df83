import { NotFound } from '../domain/errors.ts';
import { applyDetails } from '../domain/job-details.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { listDueKinds, type NotificationKind } from '../domain/notifications-record.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** One event for one webhook. A repeated delivery has the same `id`, so that receivers can recognize it. */
export interface JobNotification {
  id: string;
  kind: NotificationKind;
  /** Index of the webhook in the specification. */
  hook: number;
  url: string;
  job: JobRecord;
  /** With the name and the labels that the job has now. */
  spec: JobSpec;
  /** When it was claimed (ledger's clock, ms). */
  now: number;
  /** 1 for the first. */
  tries: number;
}

/** `next`: when to look again, in ms; null if nothing is due. */
export interface ClaimedNotification {
  notification: JobNotification | null;
  next: number | null;
}

/** How often an active job is looked at, ms: its end is not signalled. */
const LOOK_MS = 2_000;

/**
 * Claims the next notification that is due for `holdMs`: nobody else gets it until then. It is claimed again after that
 * time unless it was settled, so a notification may be delivered twice but is never lost. A best that was beaten before
 * its delivery is skipped. A finished job does not wait for a best that cannot be delivered.
 */
export async function claimNotification(ledger: Ledger, jobId: string, holdMs: number): Promise<ClaimedNotification> {
  try {
    return await ledger.transact(jobId, { notifications: true, details: true }, (draft) => claimNext(draft, holdMs));
  } catch (error) {
    if (error instanceof NotFound) return { notification: null, next: null };
    throw error;
  }
}

function claimNext(draft: Draft, holdMs: number): ClaimedNotification {
  const { job, now } = draft;
  const spec = applyDetails(draft.spec, draft.details);
  const webhooks = spec.webhooks ?? [];
  const isAnyEnabled = webhooks.some((_, hook) => !draft.notifications.hooks[hook]!.isDisabled);
  let next = isAnyEnabled && isActive(job.state) ? LOOK_MS : null;
  for (const [hook, { url, on }] of webhooks.entries()) {
    const record = draft.notifications.hooks[hook]!;
    for (const kind of listDueKinds(job, on, record)) {
      const delivery = record.deliveries[kind];
      if (delivery.notBefore > now) {
        next = Math.min(next ?? Infinity, delivery.notBefore - now);
        continue;
      }
      const subject = (kind === 'best' ? job.best!.number : job.finishedAt)!;
      // Each event has its own tries: a new best is not given up because an earlier one could not be delivered.
      delivery.tries = delivery.subject === subject ? delivery.tries + 1 : 1;
      delivery.subject = subject;
      delivery.notBefore = now + holdMs;
      draft.markChanged('notifications');
      const id = `${job.id}-${hook}-${kind}-${subject}`;
      return { notification: { id, kind, hook, url, job, spec, now, tries: delivery.tries }, next: 0 };
    }
  }
  return { notification: null, next };
}
