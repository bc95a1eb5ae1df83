import { NotFound } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { JobNotification } from './claim-notification.ts';

/** `again`: it is tried again later. `given-up`: it failed too often and is dropped. */
export type NotificationOutcome = 'delivered' | 'again' | 'given-up';

/** Deliveries of one notification, with pauses that double from the first to the longest: about a day in all. */
const MAX_TRIES = 30;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Records whether a claimed notification was delivered. One that was not is tried again after a growing pause. */
export async function settleNotification(
  ledger: Ledger,
  { job: { id: jobId, best, finishedAt }, hook, kind, tries }: JobNotification,
  delivered: boolean,
): Promise<NotificationOutcome> {
  const outcome = chooseOutcome(tries, delivered);
  try {
    return await ledger.transact(jobId, { notifications: true }, (draft) => {
      const sent = draft.notifications.hooks[hook];
      if (!sent) return outcome;
      if (outcome === 'again') {
        sent.notBefore = draft.now + Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
      } else {
        Object.assign(sent, { tries: 0, notBefore: 0 });
        if (kind === 'best') sent.best = best!.number;
        else sent.finished = finishedAt;
      }
      draft.markChanged('notifications');
      return outcome;
    });
  } catch (error) {
    if (error instanceof NotFound) return outcome;
    throw error;
  }
}

function chooseOutcome(tries: number, delivered: boolean): NotificationOutcome {
  if (delivered) return 'delivered';
  return tries >= MAX_TRIES ? 'given-up' : 'again';
}
