import { LedgerUnavailable, trialStates } from '@gradsmith/core/domain';
import { countWantedSlots, countWorkers, findWorkerKind, type WorkerKind } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { type WorkerRegistry } from '@gradsmith/core/ports';
import { Counter, Gauge, Histogram, newRegistry, type Registry } from '@gradsmith/telemetry';

export interface Metrics {
  registry: Registry;
  requests: Histogram<'method' | 'route' | 'status'>;
  ledgerErrors: Counter;
  /** Updates the gauges from the ledger and the workers. */
  collect(): Promise<void>;
}

/** Active jobs that are counted at most, so that a scrape stays fast. */
const MAX_JOBS = 2_000;

/**
 * Creates the metrics that alerts use: whether the ledger is available, how much work waits, which workers are live,
 * and how long requests take.
 */
export function createMetrics(ledger: Ledger, workers: WorkerRegistry): Metrics {
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

  const readJobs = async (): Promise<void> => {
    const byState: Record<string, number> = { queued: 0, running: 0, paused: 0 };
    const all = await workers.listLive();
    let without = 0;
    const counts = Object.fromEntries(trialStates.map((state) => [state, 0]));
    const kinds = new Map<string, WorkerKind & { slots: number }>();
    let [seen, corrupt] = [0, 0];
    for await (const { view: found } of ledger.readJobs({ active: true })) {
      if (++seen > MAX_JOBS) break;
      if (!found) {
        corrupt += 1;
        continue;
      }
      byState[found.job.state] = (byState[found.job.state] ?? 0) + 1;
      if (
        found.job.state !== 'paused' &&
        found.spec.objective.kind !== 'external' &&
        countWorkers(found.job, found.spec, all) === 0
      )
        without += 1;
      for (const state of trialStates) counts[state]! += found.job.counts[state];
      const kind = findWorkerKind(found.job, found.spec, all);
      if (!kind) continue;
      const key = `${kind.backend} ${kind.device} ${kind.labels}`;
      const slots = (kinds.get(key)?.slots ?? 0) + countWantedSlots(found.job, found.spec);
      kinds.set(key, { ...kind, slots });
    }
    wanted.reset();
    for (const { slots, ...kind } of kinds.values()) wanted.set(kind, slots);
    for (const [state, count] of Object.entries(byState)) jobs.set({ state }, count);
    for (const state of trialStates) trials.set({ state }, counts[state]!);
    unserved.set(without);
    unreadable.set(corrupt);
    waiting.set(counts.pending!);
  };
  const readWorkers = async (): Promise<void> => {
    const all = await workers.listLive();
    live.reset();
    for (const { backend } of all) live.inc({ backend });
    const busy = all.reduce((sum, worker) => sum + worker.busy.length, 0);
    slots.set({ state: 'busy' }, busy);
    slots.set({ state: 'free' }, all.reduce((sum, worker) => sum + worker.slots, 0) - busy);
  };
  const collect = async (): Promise<void> => {
    try {
      await ledger.check();
      await Promise.all([readJobs(), readWorkers()]);
      up.set(1);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      up.set(0);
    }
  };
  return { registry, requests, ledgerErrors, collect };
}
