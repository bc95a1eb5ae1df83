/** What each webhook of a job was sent, in the order of the specification. */
export interface NotificationsRecord {
  schema: 2;
  hooks: WebhookRecord[];
}

export interface WebhookRecord {
  /** Number of the best trial that was sent last. */
  best: number | null;
  /** `finishedAt` that was sent last: an extended job finishes again. */
  finished: number | null;
  /** Deliveries tried of the notification that is due. */
  tries: number;
  /** Earliest next delivery, ledger's clock, ms: one is under way, or the last one failed. */
  notBefore: number;
}

/** Returns the record of webhooks to which nothing was sent yet. */
export function createNotifications(webhooks: number): NotificationsRecord {
  const hooks = Array.from({ length: webhooks }, () => ({ best: null, finished: null, tries: 0, notBefore: 0 }));
  return { schema: 2, hooks };
}
