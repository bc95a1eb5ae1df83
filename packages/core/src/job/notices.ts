/** What a job's webhooks were told so far; by webhook, in the order of the specification. */
export interface NoticesRecord {
  schema: 1;
  hooks: HookRecord[];
}

export interface HookRecord {
  /** Number of the best trial that was told last. */
  best: number | null;
  /** `endedAt` of the end that was told last: an extended job ends again. */
  ended: number | null;
  /** Tries at the notice that is due. */
  tries: number;
  /** Nobody tries before, ledger's clock, ms: somebody is trying, or the last try failed. */
  notBefore: number;
}
