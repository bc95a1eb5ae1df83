import { fileURLToPath } from 'node:url';
import type { KeyRing } from './keys/key-ring.ts';
import type { WebhookSettings } from './webhooks/notifier.ts';

/** What an operator can set about the service; `env.ts` says which variable sets what. */
export interface ApiSettings {
  /** Floating-point operations one trial may cost: a more expensive job is refused before anything is stored. */
  maxTrialFlops: number;
  /** Null: everybody who reaches the service may do everything. */
  keys: KeyRing | null;
  /** The host names it answers under, beside those of the loopback; null: any. */
  hostNames: readonly string[] | null;
  /** Requests a minute of one key, or of one address without a key. */
  perMinute: number;
  /** Event streams open at once in this process. */
  maxStreams: number;
  /** Null: no webhooks are sent, and jobs that ask for some are refused. */
  webhooks: WebhookSettings | null;
  /** Folder of the built web page; null: none is given out. */
  dashboard: string | null;
}

export const defaultSettings: ApiSettings = {
  // A day of a 1 teraflop/s trainer.
  maxTrialFlops: 1e17,
  keys: null,
  hostNames: null,
  perMinute: 12_000,
  maxStreams: 500,
  webhooks: null,
  dashboard: fileURLToPath(new URL('../../dashboard/dist/', import.meta.url)),
};
