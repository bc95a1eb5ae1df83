// A replica takes over that has not received the last acknowledged writes, where the operator has accepted that: the
// lost changes are reported, and the job continues to exact counts.
import { startRedisServer, waitUntil, type RedisServer } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Proxy } from '../src/cluster/proxy.ts';
import type { ProductProcess } from '../src/load/product-process.ts';
import { Bench } from './bench.ts';

const TRIALS = 40;

let bench: Bench;
let replica: RedisServer;
let proxy: Proxy;
afterEach(async () => {
  await bench.stop();
  proxy.close();
  await replica.stop();
});

/** Makes the replica follow the primary and waits until it has everything. */
async function follow(): Promise<void> {
  await replica.command('REPLICAOF', '127.0.0.1', String(bench.server.port));
  await waitUntil(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'), 30_000);
}

/** Lets the replica take over without the last changes of a running job. Returns the job and its coordinator. */
async function failOver(sabotage?: string): Promise<{ id: string; coordinator: ProductProcess }> {
  bench = await Bench.start(4_000, { ms: 200 });
  replica = await startRedisServer(process.env);
  proxy = await Proxy.to(bench.server.port);
  const env = {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    GRADSMITH_ALLOW_REDIS_FAILOVER: 'true',
    CHAOS_SABOTAGE: sabotage,
  };
  await follow();
  const coordinator = await bench.launch('coordinator', { ...env, GRADSMITH_COORDINATOR_LEASE_MS: '2000' });
  await bench.launch('worker', { ...env, GRADSMITH_SLOTS: '2' });
  const id = await bench.job({ trials: TRIALS });
  const settled = async (): Promise<number> => (await bench.ledger.readJob(id)).job.counts.complete;
  await waitUntil(async () => (await settled()) >= 4, 60_000);
  // From here on the replica misses what the primary acknowledges.
  await replica.command('REPLICAOF', 'NO', 'ONE');
  const before = await settled();
  await waitUntil(async () => (await settled()) >= before + 4, 60_000);
  expect(coordinator.output).not.toContain('CHANGES WERE LOST');
  proxy.retarget(replica.port);
  await bench.server.kill();
  return { id, coordinator };
}

test('reports the changes that a failover lost, and completes the job with exact counts', async () => {
  const { id, coordinator } = await failOver();
  await waitUntil(() => coordinator.output.includes('ACKNOWLEDGED CHANGES WERE LOST'), 60_000);
  const line = coordinator.output.split('\n').find((text) => text.includes('CHANGES WERE LOST'))!;
  expect(JSON.parse(line)).toMatchObject({ job: id, level: 50 });
  expect((JSON.parse(line) as { lost: number }).lost).toBeGreaterThan(0);
  await bench.follow(replica);
  const job = await bench.waitUntilFinished(id, 120_000);
  expect(job.state).toBe('completed');
  expect(job.counts.complete + job.counts.diverged).toBe(TRIALS);
  const trials = await bench.trials(id);
  expect(trials.filter(({ role }) => role === 'search').map(({ number }) => number)).toEqual(
    Array.from({ length: TRIALS }, (_, n) => n),
  );
  for (const { attempts } of trials) expect(attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
});

test('finds that lost changes are not reported without the safeguard', async () => {
  const { coordinator } = await failOver('lost-changes');
  const report = waitUntil(() => coordinator.output.includes('ACKNOWLEDGED CHANGES WERE LOST'), 20_000);
  await expect(report).rejects.toThrow(/after 20000 ms/);
});
