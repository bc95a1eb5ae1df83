import type { Log } from '@gradsmith/core/ports';
import type { Redis } from 'ioredis';
import { isRefusedCommand, UnfitRedis } from './errors.ts';
import type { Keys } from './keys.ts';
import type { RedisSettings } from './settings.ts';

/** The oldest supported version. Sorted sets by name, and scripts that write after reading the time, need it. */
const OLDEST = [6, 2] as const;

/**
 * Checks that this server cannot lose acknowledged writes. With `allowVolatile` or `allowFailover` it only logs a
 * warning.
 *
 * @throws UnfitRedis with the setting and the correction
 */
export async function checkFitness(client: Redis, settings: RedisSettings, log: Log): Promise<void> {
  const info = parseInfo(await client.info());
  checkServer(info);
  const complaints = [
    ...(settings.allowVolatile ? [] : await durabilityComplaints(client)),
    ...(settings.allowFailover ? [] : failoverComplaints(info)),
  ];
  if (complaints.length) throw new UnfitRedis(`this Redis is not fit to hold a ledger:\n${complaints.join('\n')}`);
  if (settings.allowVolatile) {
    for (const complaint of await durabilityComplaints(client))
      log.warn({ setting: 'allowVolatile' }, `ACKNOWLEDGED JOBS CAN BE LOST: ${complaint}`);
  }
  if (settings.allowFailover) {
    for (const complaint of failoverComplaints(info))
      log.warn({ setting: 'allowFailover' }, `ACKNOWLEDGED JOBS CAN BE LOST: ${complaint}`);
  }
}

function checkServer(info: ReadonlyMap<string, string>): void {
  const version = (info.get('redis_version') ?? '0').split('.').map(Number);
  const [major = 0, minor = 0] = version;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new UnfitRedis(`this Redis has version ${version.join('.')}; at least ${OLDEST.join('.')} is needed`);
  }
  if (info.get('cluster_enabled') === '1') {
    throw new UnfitRedis('this Redis is part of a cluster; the ledger needs one primary that holds every key');
  }
  if (info.get('role') !== 'master') {
    throw new UnfitRedis('this Redis is a replica; give the address of its primary');
  }
}

async function durabilityComplaints(client: Redis): Promise<string[]> {
  const wanted: Record<string, string> = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' };
  let found: string[];
  try {
    found = (await client.config('GET', ...Object.keys(wanted))) as string[];
  } catch (error) {
    // Without a reply about the command itself, the settings may be right: this is an outage.
    if (!isRefusedCommand(error)) throw error;
    return [`its settings cannot be read (${String(error)}); let this user run CONFIG GET, or set allowVolatile`];
  }
  const settings = new Map(found.flatMap((name, i) => (i % 2 ? [] : [[name, found[i + 1]!] as const])));
  return Object.entries(wanted)
    .filter(([name, value]) => settings.get(name) !== value)
    .map(([name, value]) => `its ${name} is ${settings.get(name) ?? 'unknown'}; start it with --${name} ${value}`);
}

function failoverComplaints(info: ReadonlyMap<string, string>): string[] {
  const replicas = Number(info.get('connected_slaves') ?? 0);
  return replicas
    ? [
        `it has ${replicas} replica(s), and a failover to one can undo acknowledged writes; set ` +
          `allowFailover to accept that`,
      ]
    : [];
}

/**
 * Completes a transaction that a crash may have torn in the append-only file.
 *
 * If the log of a Redis ends inside MULTI … EXEC, Redis drops the incomplete part when it loads, but may leave its
 * MULTI in the file. Later writes then count as part of that transaction. If it never completes, the next load drops
 * all of them, including acknowledged ones (observed with Redis 7.0.15; Valkey pull request 4342). A transaction of
 * this connection, logged before its other writes, completes it. It needs two writes, because Redis logs a single one
 * without MULTI … EXEC.
 */
export async function sealLog(client: Redis, keys: Keys): Promise<void> {
  const [first, second] = keys.seals;
  const results = await client.multi().set(first, '1').set(second, '1').exec();
  const failed = results?.find(([error]) => error)?.[0];
  if (failed) throw failed;
}

function parseInfo(text: string): Map<string, string> {
  const pairs = text.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string?]);
  return new Map(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
