import { readFileSync } from 'node:fs';
import { InvalidInput } from '@gradsmith/core/domain';
import type { RedisOptions } from 'ioredis';

export interface RedisSettings {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  url: string;
  /** File whose first line is the password, as container secrets come; takes the place of one in the URL. */
  passwordFile?: string;
  /** File with the certificates, PEM, of the authority that a `rediss://` server's certificate is checked against. */
  caFile?: string;
  /** Prefix of every key, so that several installations can share a database. Default `gradsmith`. */
  prefix?: string;
  /** Time limit of every call, ms; then it is refused. Default 5000. */
  timeoutMs?: number;
  /** A message whose worker is silent for this long, ms, may go to another worker. Default 30 000. */
  lockMs?: number;
  /** How often the settings of the server are checked again, ms. Default 10 000. */
  recheckMs?: number;
  /** Accepts a Redis that can forget acknowledged writes: evicting, or not syncing its log before each reply. */
  allowVolatile?: boolean;
  /** Accepts a Redis with replicas, where a failover rolls back writes that a replica had not yet received. */
  allowFailover?: boolean;
}

/** Longest pause between two attempts to reconnect, ms. */
const MAX_RECONNECT_MS = 1_000;

/**
 * Converts settings to connection options.
 *
 * @throws InvalidInput if the URL or a file is invalid
 */
export function toRedisOptions({ url, passwordFile, caFile }: RedisSettings): RedisOptions {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new InvalidInput(
      [{ path: ['url'], message: 'must look like redis://host:6379 or rediss://host:6379' }],
      'the Redis address',
    );
  }
  const database = parsed.pathname.replace(/^\//, '') || '0';
  if (!/^\d+$/.test(database)) {
    throw new InvalidInput(
      [{ path: ['url'], message: `ends in /${database}; the part after the slash is the number of a database` }],
      'the Redis address',
    );
  }
  const password =
    passwordFile === undefined
      ? decodeURIComponent(parsed.password)
      : readSecret('passwordFile', passwordFile).split(/\r?\n/, 1)[0]!;
  const encrypted = parsed.protocol === 'rediss:';
  if (caFile !== undefined && !encrypted) {
    throw new InvalidInput(
      [{ path: ['caFile'], message: 'is for TLS; write the address as rediss://' }],
      'the Redis address',
    );
  }
  const tls = caFile === undefined ? {} : { ca: readSecret('caFile', caFile) };
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || 6379),
    db: Number(database),
    username: parsed.username ? decodeURIComponent(parsed.username) : undefined,
    password: password || undefined,
    tls: encrypted ? tls : undefined,
  };
}

function readSecret(setting: 'passwordFile' | 'caFile', file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInput([{ path: [setting], message: `cannot be read: ${String(error)}` }], 'the Redis address');
  }
}

/**
 * Options of a connection on which a command never waits longer than `timeoutMs` and is never sent twice. Commands in
 * flight when the connection breaks are refused, and the caller decides again (see RedisStore.commit).
 */
export function boundedOptions(settings: RedisSettings): RedisOptions {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    ...toRedisOptions(settings),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    // Otherwise a peer that vanished silently would hold the connection for minutes.
    socketTimeout: timeoutMs,
    retryStrategy: reconnectDelay,
  };
}

/** Options of a connection that waits for Redis without a limit: BullMQ's workers and subscriptions. */
export function patientOptions(settings: RedisSettings): RedisOptions {
  return {
    ...toRedisOptions(settings),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    // Longer than BullMQ's longest blocking command (10 s).
    socketTimeout: 30_000,
    retryStrategy: reconnectDelay,
  };
}

export const DEFAULT_TIMEOUT_MS = 5_000;

function reconnectDelay(attempt: number): number {
  return Math.min(50 * 2 ** (attempt - 1), MAX_RECONNECT_MS);
}
