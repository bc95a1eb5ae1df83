import { fileURLToPath } from 'node:url';
import type { KeyRing } from './keys/key-ring.ts';
import type { WebhookSettings } from './webhooks/notifier.ts';

/** Settings of the operator. `env.ts` names the variable of each setting. */
export interface ApiSettings {
  /** Floating-point operations that one trial may cost. A more expensive job is refused before anything is stored. */
  maxTrialFlops: number;
  /** Null: everyone who reaches the service may do everything. */
  keys: KeyRing | null;
  /** Host names of the service in addition to those of the loopback. Null: any. */
  hostNames: readonly string[] | null;
  /** Time for the headers of a request to arrive, and again for its body, ms. The body of an import has longer. */
  receiveMs: number;
  /** Requests per minute of each key, or of each address without a key. */
  perMinute: number;
  /** Event streams that this process keeps open at once. */
  maxStreams: number;
  /** Event streams of each key, or of each address without a key. */
  maxStreamsPerCaller: number;
  /** Exports of each key, or of each address without a key, that run at once. */
  maxExportsPerCaller: number;
  /** Time after which an export ends whose client reads nothing, ms. */
  stallMs: number;
  /** How often the keys of open event streams are checked, ms. */
  keyCheckMs: number;
  /** Time for which `/metrics` does not read the jobs and workers again, ms. */
  metricsFreshMs: number;
  /** Null: no webhooks are sent, and jobs with webhooks are refused. */
  webhooks: WebhookSettings | null;
  /** Folder of the built web page. Null: none is served. */
  dashboard: string | null;
}

export const defaultSettings: ApiSettings = {
  // A day of a 1 teraflop/s trainer.
  maxTrialFlops: 1e17,
  keys: null,
  hostNames: null,
  receiveMs: 15_000,
  perMinute: 12_000,
  maxStreams: 500,
  maxStreamsPerCaller: 100,
  maxExportsPerCaller: 4,
  stallMs: 60_000,
  keyCheckMs: 1_000,
  metricsFreshMs: 1_000,
  webhooks: null,
  dashboard: fileURLToPath(new URL('../../dashboard/dist/', import.meta.url)),
};
