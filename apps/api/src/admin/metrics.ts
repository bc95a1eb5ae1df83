import { LedgerUnavailable } from '@gradsmith/core/domain';
import { type Ledger } from '@gradsmith/core/ledger';
import { type LiveWorker, type WorkerRegistry } from '@gradsmith/core/ports';
import { Counter, Gauge, Histogram, newRegistry, type Registry } from '@gradsmith/telemetry';
import { countActiveJobs, type ActiveJobs } from './count-active-jobs.ts';

export interface Metrics {
  registry: Registry;
  requests: Histogram<'method' | 'route' | 'status'>;
  ledgerErrors: Counter;
  /** Updates the gauges from the ledger and the workers, unless they are fresh. */
  collect(): Promise<void>;
}

/**
 * Creates the metrics that alerts use: whether the ledger is available, how much work waits, which workers are live,
 * and how long requests take.
 *
 * @param freshMs time for which the gauges of jobs and workers are not collected again
 */
export function createMetrics(ledger: Ledger, workers: WorkerRegistry, freshMs: number): Metrics {
  const registry = newRegistry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'gradsmith_http_request_seconds',
    help: 'Time to answer, by route',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2, 10],
    registers,
  });
  const ledgerErrors = new Counter({
    name: 'gradsmith_ledger_errors_total',
    help: 'Requests that the ledger could not serve',
    registers,
  });
  const up = new Gauge({ name: 'gradsmith_ledger_up', help: '1 while the ledger can be read and written', registers });
  const setJobs = declareJobGauges(registry);
  const setWorkers = declareWorkerGauges(registry);
  const collect = async (): Promise<void> => {
    try {
      await ledger.check();
      const live = await workers.listLive();
      setWorkers(live);
      setJobs(await countActiveJobs(ledger, live));
      up.set(1);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      up.set(0);
    }
  };
  return { registry, requests, ledgerErrors, collect: shareResult(collect, freshMs) };
}

/** Shares a running collection, and its result for a while: it reads every active job. */
function shareResult(collect: () => Promise<void>, freshMs: number): () => Promise<void> {
  let running: Promise<void> | null = null;
  let freshUntil = 0;
  return async () => {
    if (performance.now() < freshUntil) return;
    running ??= collect()
      .then(() => void (freshUntil = performance.now() + freshMs))
      .finally(() => (running = null));
    await running;
  };
}

/** Declares the gauges of jobs and trials, and returns how to set them. */
function declareJobGauges(registry: Registry): (active: ActiveJobs) => void {
  const registers = [registry];
  const jobs = new Gauge({
    name: 'gradsmith_active_jobs',
    help: 'Jobs that are not finished, by state',
    labelNames: ['state'],
    registers,
  });
  const unserved = new Gauge({
    name: 'gradsmith_jobs_without_workers',
    help: 'Queued and running jobs whose trials no live worker can run; external objectives need none',
    registers,
  });
  const unreadable = new Gauge({
    name: 'gradsmith_unreadable_jobs',
    help: 'Jobs that are not finished and whose records cannot be read',
    registers,
  });
  const trials = new Gauge({
    name: 'gradsmith_active_trials',
    help: 'Search trials of the active jobs, by state',
    labelNames: ['state'],
    registers,
  });
  const waiting = new Gauge({
    name: 'gradsmith_queue_depth',
    help: 'Trials of the active jobs that wait for a worker or a program',
    registers,
  });
  const wanted = new Gauge({
    name: 'gradsmith_wanted_slots',
    help: 'Slots that the trials of the active jobs use if there are enough workers, by kind of worker',
    labelNames: ['backend', 'device', 'labels'],
    registers,
  });
  return (active) => {
    for (const [state, count] of Object.entries(active.jobs)) jobs.set({ state }, count);
    for (const [state, count] of Object.entries(active.trials)) trials.set({ state }, count);
    unserved.set(active.withoutWorkers);
    unreadable.set(active.unreadable);
    waiting.set(active.trials.pending);
    wanted.reset();
    for (const { kind, slots } of active.wantedSlots) wanted.set({ ...kind }, slots);
  };
}

/** Declares the gauges of workers, and returns how to set them. */
function declareWorkerGauges(registry: Registry): (workers: readonly LiveWorker[]) => void {
  const registers = [registry];
  const live = new Gauge({
    name: 'gradsmith_workers',
    help: 'Live workers, by backend',
    labelNames: ['backend'],
    registers,
  });
  const slots = new Gauge({
    name: 'gradsmith_worker_slots',
    help: 'Slots of the live workers',
    labelNames: ['state'],
    registers,
  });
  return (workers) => {
    live.reset();
    for (const { backend } of workers) live.inc({ backend });
    const busy = workers.reduce((sum, worker) => sum + worker.busy.length, 0);
    slots.set({ state: 'busy' }, busy);
    slots.set({ state: 'free' }, workers.reduce((sum, worker) => sum + worker.slots, 0) - busy);
  };
}
