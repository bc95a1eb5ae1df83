// A worker whose trainers wait for a given time and answer: what is left of a trial's time is the service's overhead.
import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from '@gradsmith/core/ledger';
import { getModuleRuntime } from '@gradsmith/core/objective';
import { systemClock, type Log, type ModuleCall, type Trainer } from '@gradsmith/core/ports';
import { runWorker } from '@gradsmith/core/worker';
import { connectRedis } from '@gradsmith/redis';

const { REDIS_URL, BENCH_SLOTS, BENCH_MS } = process.env;
const ms = Number(BENCH_MS);
const log: Log = { debug() {}, info() {}, warn: console.error, error: console.error };

/** Sends the idle times of the slots, ms, from one trial's end to the next one's start, and the numbers of commits. */
const idle: number[] = [];
process.on('message', () => process.send!({ idle: idle.splice(0), commits: ledger.counts }));

function createTrainer(): Trainer {
  let endedAt: number | null = null;
  return {
    async train(request) {
      if (endedAt !== null) idle.push(performance.now() - endedAt);
      if (ms > 0) await delay(ms);
      const { params } = request.objective as ModuleCall;
      endedAt = performance.now();
      return { outcome: 'complete', value: ((params.x as number) - 0.3) ** 2, metrics: {}, curve: '', provenance: {} };
    },
    async close() {},
  };
}

const redis = await connectRedis({ url: REDIS_URL! }, log);
const ledger = new Ledger(redis.store);
const stop = new AbortController();
const running = runWorker(
  {
    ledger,
    dispatcher: redis.dispatcher,
    workers: redis.workers,
    signals: redis.signals,
    clock: systemClock,
    log,
    trainers: Array.from({ length: Number(BENCH_SLOTS) }, createTrainer),
    runtime: getModuleRuntime('bench'),
    backend: 'module',
    device: 'cpu',
    name: `bench-${process.pid}`,
    leaseMs: 30_000,
  },
  stop.signal,
);
process.send!({ ready: true });
process.on('SIGTERM', () => {
  stop.abort();
  void running.then(async () => {
    await redis.close();
    process.exit(0);
  });
});
