/** What a job's webhooks were told so far; by webhook, in the order of the specification. */
export interface NotificationsRecord {
  schema: 2;
  hooks: WebhookRecord[];
}

export interface WebhookRecord {
  /** Number of the best trial that was told last. */
  best: number | null;
  /** `finishedAt` of the end that was told last: an extended job ends again. */
  finished: number | null;
  /** Tries at the notice that is due. */
  tries: number;
  /** Nobody tries before, ledger's clock, ms: somebody is trying, or the last try failed. */
  notBefore: number;
}

/** Returns the record of webhooks that were sent nothing yet. */
export function createNotifications(webhooks: number): NotificationsRecord {
  const hooks = Array.from({ length: webhooks }, () => ({ best: null, finished: null, tries: 0, notBefore: 0 }));
  return { schema: 2, hooks };
}
