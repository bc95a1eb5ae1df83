import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, type RedisSettings } from '@gradsmith/redis';
import { LEDGER_FILE, openLedger } from '../embedded/open.ts';
import { describeError } from '../failure.ts';
import { Service } from '../hosts/service.ts';
import { makeLog } from '../log.ts';
import { bad, note, ok, type Check } from './check.ts';

export async function checkLedger(dataDir: string): Promise<Check> {
  if (!existsSync(join(dataDir, LEDGER_FILE))) return note('Ledger', `none in ${dataDir} yet; gradsmith run makes one`);
  try {
    const ledger = await openLedger(dataDir);
    await ledger.check();
    let jobs = 0;
    for await (const _ of ledger.listJobs()) jobs += 1;
    await ledger.close();
    return ok('Ledger', `${dataDir} holds ${jobs} jobs`);
  } catch (error) {
    return bad(
      'Ledger',
      describeError(error).message,
      `look at ${join(dataDir, LEDGER_FILE)}; another --data folder makes a new one`,
    );
  }
}

/** Checks that Redis is reached and is configured to hold a ledger. */
export async function checkRedis(settings: RedisSettings | null): Promise<Check> {
  if (!settings)
    return note('Redis', 'REDIS_URL is not set', 'needed only for a service and its workers; jobs run here without');
  const where = settings.url.replace(/\/\/[^@/]*@/, '//…@');
  try {
    const redis = await connectRedis(settings, makeLog('silent'));
    try {
      await redis.store.check();
    } finally {
      await redis.close();
    }
    return ok('Redis', `${where} answers and is fit to hold a ledger`);
  } catch (error) {
    const { code, message } = describeError(error);
    const remedy =
      code === 'unfit-redis'
        ? 'start it as docker-compose.yml does'
        : 'start it, or correct REDIS_URL (and REDIS_PASSWORD_FILE)';
    return bad('Redis', `${where}: ${message.replaceAll('\n', '; ')}`, remedy);
  }
}

export async function checkServer(url: string | undefined): Promise<Check> {
  if (url === undefined)
    return note('Service', 'GRADSMITH_SERVER is not set', 'needed only to submit jobs to a service');
  try {
    const service = new Service(url);
    await service.call((client) => client.checkReady());
    return ok('Service', `${service.url} is ready`);
  } catch (error) {
    return bad(
      'Service',
      describeError(error).message.split('\n')[0]!,
      'start it (docker compose up --detach), or correct GRADSMITH_SERVER',
    );
  }
}
