import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import { getQueue, type Dispatcher, type MessageHandler, type TrialMessage } from '../ports/dispatcher.ts';
import type { Log } from '../ports/log.ts';
import type { Signals } from '../ports/signals.ts';
import type { Tracer } from '../ports/tracer.ts';
import type { Trainer } from '../ports/trainer.ts';
import type { Device, WorkerInfo, WorkerRegistry } from '../ports/workers.ts';
import { executeTrial, type Executed } from './execute-trial.ts';
import { JobsWithoutData } from './jobs-without-data.ts';
import { WorkMeter } from './work-meter.ts';

export interface RunWorkerDeps {
  ledger: Ledger;
  dispatcher: Dispatcher;
  workers: WorkerRegistry;
  signals: Signals;
  clock: Clock;
  log: Log;
  tracer?: Tracer | undefined;
  /** One per slot, reused between trials, closed when the worker ends. */
  trainers: readonly Trainer[];
  /** Backend, precision and threads of every slot, and the backend's family. */
  runtime: string;
  backend: string;
  device: Device;
  name: string;
  /** Names that jobs can ask for. */
  labels?: readonly string[] | undefined;
  /** Lease of an attempt, ms. */
  leaseMs: number;
  onAnnounced?(): void;
  onExecuted?(message: TrialMessage, executed: Executed): void;
}

/** How often a worker announces itself, and how long one announcement holds, ms. */
const ANNOUNCE_MS = 2_000;
const ANNOUNCEMENT_HOLDS_MS = 10_000;

/** Executes trial messages until the signal aborts; then releases running trials and closes the trainers. */
export async function runWorker(deps: RunWorkerDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, runtime, backend, device, trainers, name } = deps;
  const labels = [...new Set(deps.labels)].sort();
  const slots = trainers.length;
  const id = `${name}-${crypto.randomUUID()}`;
  const busy = new Set<string>();
  const withoutData = new JobsWithoutData(() => clock.monotonic());
  const meter = new WorkMeter(() => clock.monotonic());
  const announce = async (): Promise<void> => {
    try {
      const state = { busy: [...busy], lacks: withoutData.list(), recent: meter.read() };
      const worker: WorkerInfo = { id, name, runtime, backend, device, slots, ...state };
      if (labels.length) worker.labels = labels;
      const memory = await sumMemory(trainers);
      if (memory !== null) worker.memory = memory;
      await deps.workers.announce(worker, ANNOUNCEMENT_HOLDS_MS);
      deps.onAnnounced?.();
    } catch (error) {
      log.warn({ err: error }, 'worker not announced; trying again');
    }
  };
  await announce();
  const consumer = deps.dispatcher.consume(
    getQueue({ runtime, labels }),
    slots,
    handleMessages({ ...deps, trainers: trainers.map((trainer) => meter.watch(trainer)) }, busy, withoutData),
  );
  while (!signal.aborted) {
    await clock.sleep(ANNOUNCE_MS, signal);
    if (!signal.aborted) await announce();
  }
  await deps.workers
    .withdraw(id)
    .catch((error: unknown) => log.warn({ err: error }, 'worker not withdrawn; its announcement expires'));
  await consumer.close();
  await Promise.all(trainers.map((trainer) => trainer.close()));
}

/** Sums the memory of the trainers. Null if none of them tells. */
async function sumMemory(trainers: readonly Trainer[]): Promise<number | null> {
  const sizes = await Promise.all(trainers.map((trainer) => trainer.measureMemory?.() ?? null));
  const known = sizes.filter((size) => size !== null);
  return known.length ? known.reduce((sum, size) => sum + size, 0) : null;
}

/**
 * Returns the handler of messages, which gives each to an idle trainer and keeps `busy` up to date. A message of a job
 * whose data is not here is left to other workers: the coordinator sends it again.
 */
function handleMessages(deps: RunWorkerDeps, busy: Set<string>, withoutData: JobsWithoutData): MessageHandler {
  const { name, runtime, trainers } = deps;
  const idle = [...trainers];
  const executor = { worker: name, runtime };
  const onNoData = (job: string, reason: string): void => withoutData.add(job, reason);
  return async (message, stop) => {
    if (withoutData.has(message.jobId)) return;
    const trainer = idle.pop();
    if (!trainer) throw new Error(`the dispatcher gave this worker more than ${trainers.length} messages at once`);
    const key = `${message.jobId}/${message.trialId}`;
    busy.add(key);
    try {
      const newId = (): string => crypto.randomUUID();
      const executed = await executeTrial({ ...deps, trainer, executor, newId, onNoData }, message, stop);
      deps.onExecuted?.(message, executed);
    } finally {
      busy.delete(key);
      idle.push(trainer);
    }
  };
}
