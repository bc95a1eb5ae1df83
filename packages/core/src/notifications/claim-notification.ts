import { NotFound } from '../domain/errors.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import type { WebhookRecord } from '../domain/notifications-record.ts';
import type { Draft } from '../ledger/draft.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobSpec } from '../spec/job-spec.ts';

/** One event for one webhook. A repeated delivery has the same `id`, so that receivers can tell. */
export interface JobNotification {
  id: string;
  kind: 'best' | 'finished';
  /** Index of the webhook in the specification. */
  hook: number;
  url: string;
  job: JobRecord;
  spec: JobSpec;
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
 * its delivery is skipped.
 */
export async function claimNotification(ledger: Ledger, jobId: string, holdMs: number): Promise<ClaimedNotification> {
  try {
    return await ledger.transact(jobId, { notifications: true }, (draft) => claimNext(draft, holdMs));
  } catch (error) {
    if (error instanceof NotFound) return { notification: null, next: null };
    throw error;
  }
}

function claimNext(draft: Draft, holdMs: number): ClaimedNotification {
  const { job, spec, now } = draft;
  let next = spec.webhooks?.length && isActive(job.state) ? LOOK_MS : null;
  for (const [hook, { url, on }] of (spec.webhooks ?? []).entries()) {
    const sent = draft.notifications.hooks[hook]!;
    const kind = findDueKind(job, on, sent);
    if (kind === null) continue;
    if (sent.notBefore > now) {
      next = Math.min(next ?? Infinity, sent.notBefore - now);
      continue;
    }
    sent.tries += 1;
    sent.notBefore = now + holdMs;
    draft.markChanged('notifications');
    const subject = kind === 'best' ? job.best!.number : job.finishedAt;
    const id = `${job.id}-${hook}-${kind}-${subject}`;
    return { notification: { id, kind, hook, url, job, spec, tries: sent.tries }, next: 0 };
  }
  return { notification: null, next };
}

function findDueKind(job: JobRecord, on: readonly string[], sent: WebhookRecord): JobNotification['kind'] | null {
  if (on.includes('best') && job.best && job.best.number !== sent.best) return 'best';
  if (on.includes('finished') && !isActive(job.state) && job.finishedAt !== sent.finished) return 'finished';
  return null;
}
