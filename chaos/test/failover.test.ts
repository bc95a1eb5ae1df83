// A replica takes over that has not received the last acknowledged writes, where the operator has accepted that: the
// lost changes are reported, and the job continues to exact counts.
import { setTimeout as delay } from 'node:timers/promises';
import { startRedisServer, waitUntil, type RedisServer } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Proxy } from '../src/cluster/proxy.ts';
import type { ProductProcess } from '../src/load/product-process.ts';
import { Bench } from './bench.ts';

const TRIALS = 60;
const LOST = 'ACKNOWLEDGED CHANGES WERE LOST';

let bench: Bench;
let replica: RedisServer;
/** Each leads some of the processes to Redis. */
let proxies: Proxy[];
afterEach(async () => {
  await bench.stop();
  for (const proxy of proxies) proxy.close();
  await replica.stop();
});

/** Makes the replica follow the primary and waits until it has everything. */
async function follow(): Promise<void> {
  await replica.command('REPLICAOF', '127.0.0.1', String(bench.server.port));
  await waitUntil(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'), 30_000);
}

/** Starts a coordinator and a worker that reach Redis on another way. Returns the coordinator. */
async function launchPair(name: string, sabotage?: string): Promise<ProductProcess> {
  const proxy = await Proxy.to(bench.server.port);
  proxies.push(proxy);
  const env = {
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    GRADSMITH_ALLOW_REDIS_FAILOVER: 'true',
    GRADSMITH_COORDINATOR_LEASE_MS: '2000',
    GRADSMITH_WORKER_NAME: name,
    GRADSMITH_SLOTS: '2',
    CHAOS_SABOTAGE: sabotage,
  };
  const coordinator = await bench.launch('coordinator', env);
  await bench.launch('worker', env);
  return coordinator;
}

async function countComplete(id: string): Promise<number> {
  return (await bench.ledger.readJob(id)).job.counts.complete;
}

/** Runs a job until the replica lacks its last changes. Returns the job and the coordinators. */
async function missChanges(pairs: number, sabotage?: string): Promise<{ id: string; coordinators: ProductProcess[] }> {
  bench = await Bench.start(4_000, { ms: 200 });
  replica = await startRedisServer(process.env);
  proxies = [];
  await follow();
  const coordinators: ProductProcess[] = [];
  for (let i = 1; i <= pairs; i++) coordinators.push(await launchPair(`worker-${i}`, sabotage));
  const id = await bench.job({ trials: TRIALS });
  await waitUntil(async () => (await countComplete(id)) >= 4, 60_000);
  // From here on the replica misses what the primary acknowledges.
  await replica.command('REPLICAOF', 'NO', 'ONE');
  const before = await countComplete(id);
  await waitUntil(async () => (await countComplete(id)) >= before + 4, 60_000);
  for (const { output } of coordinators) expect(output).not.toContain(LOST);
  return { id, coordinators };
}

/** Checks that the job completes on the replica, with each number once and one result for each. */
async function completesExactly(id: string): Promise<void> {
  await bench.follow(replica);
  const job = await bench.waitUntilFinished(id, 120_000);
  expect(job.state).toBe('completed');
  expect(job.counts.complete + job.counts.diverged).toBe(TRIALS);
  const trials = await bench.trials(id);
  expect(trials.filter(({ role }) => role === 'search').map(({ number }) => number)).toEqual(
    Array.from({ length: TRIALS }, (_, n) => n),
  );
  for (const { attempts } of trials) expect(attempts.filter(({ outcome }) => outcome === 'reported')).toHaveLength(1);
}

test('reports the changes that a failover lost, and completes the job with exact counts', async () => {
  const { id, coordinators } = await missChanges(1);
  proxies[0]!.retarget(replica.port);
  await bench.server.kill();
  const { output } = await waitUntil(() => coordinators.find((each) => each.output.includes(LOST)), 60_000);
  const line = output.split('\n').find((text) => text.includes(LOST))!;
  expect(JSON.parse(line)).toMatchObject({ job: id, level: 50 });
  expect((JSON.parse(line) as { lost: number }).lost).toBeGreaterThan(0);
  await completesExactly(id);
});

test('completes the job with exact counts although half of the processes still used the old primary', async () => {
  const { id } = await missChanges(2);
  const before = await countComplete(id);
  proxies[1]!.retarget(replica.port);
  // Both halves acquire the job's lease, each on its own Redis, and go on.
  await delay(3_500);
  await waitUntil(async () => (await countComplete(id)) > before, 60_000);
  proxies[0]!.retarget(replica.port);
  await bench.server.kill();
  await completesExactly(id);
});

test('finds that lost changes are not reported without the safeguard', async () => {
  const { coordinators } = await missChanges(1, 'lost-changes');
  proxies[0]!.retarget(replica.port);
  await bench.server.kill();
  const report = waitUntil(() => coordinators[0]!.output.includes(LOST), 20_000);
  await expect(report).rejects.toThrow(/after 20000 ms/);
});
