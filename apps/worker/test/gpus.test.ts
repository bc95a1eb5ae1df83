import { randomUUID } from 'node:crypto';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { MemoryLog, startRedis, type TestRedis } from '@gradsmith/testing';
import { claimGpus, type ClaimedGpus } from '@gradsmith/training/process';
import { afterAll, beforeAll, expect, test } from 'vitest';

let redis: TestRedis;
let ports: RedisPorts;

beforeAll(async () => {
  redis = await startRedis(process.env);
  ports = await connectRedis({ url: redis.url, prefix: `test-${randomUUID()}` }, new MemoryLog());
}, 60_000);
afterAll(async () => {
  await ports.close();
  await redis.stop();
});

/** A worker on a machine of four GPUs. */
const worker = (slots: number): Promise<ClaimedGpus> =>
  claimGpus('lease', ports.leases, slots, {
    log: new MemoryLog(),
    onLost: () => {},
    list: async () => ['GPU-a', 'GPU-b', 'GPU-c', 'GPU-d'],
  });

const devices = (gpus: ClaimedGpus, slots: number): (string | undefined)[] =>
  Array.from({ length: slots }, (_, slot) => gpus.trainerOptions(slot).cudaDevice);

test('workers share the GPUs of a machine; a worker without enough free GPUs fails and leases none', async () => {
  const workers = await Promise.all([worker(1), worker(2), worker(1)]);
  const used = [...devices(workers[0]!, 1), ...devices(workers[1]!, 2), ...devices(workers[2]!, 1)];
  expect(used.toSorted()).toEqual(['GPU-a', 'GPU-b', 'GPU-c', 'GPU-d']);
  expect(workers[0]!.trainerOptions(0).gpu).toBe(true);

  await expect(worker(1)).rejects.toThrow('1 slot(s) need a GPU each, but only 0 of the 4 visible GPU(s) are free');
  await workers[1]!.release();
  await expect(worker(3)).rejects.toThrow('2 of the 4');
  const next = await worker(2);
  expect(devices(next, 2).toSorted()).toEqual(devices(workers[1]!, 2).toSorted());
  await Promise.all([workers[0]!, workers[2]!, next].map((each) => each.release()));
});

test('a machine without a driver gets an error that says what to do', async () => {
  await expect(claimGpus('lease', ports.leases, 1, { log: new MemoryLog(), onLost: () => {} })).rejects.toThrow(
    /GRADSMITH_GPU=lease needs a GPU.*gradsmith doctor/,
  );
});
