import { randomUUID } from 'node:crypto';
import { type Ledger } from '@gradsmith/core/ledger';
import {
  type Clock,
  type Device,
  type Dispatcher,
  type Log,
  type Signals,
  type Tracer,
  type Trainer,
  type TrialMessage,
  type WorkerRegistry,
} from '@gradsmith/core/ports';
import { executeTrial, type Executed } from '@gradsmith/core/worker';

export interface RunWorkerDeps {
  ledger: Ledger;
  dispatcher: Dispatcher;
  workers: WorkerRegistry;
  signals: Signals;
  clock: Clock;
  log: Log;
  tracer?: Tracer | undefined;
  /** One a slot, used again and again; closed when the worker ends. */
  trainers: readonly Trainer[];
  /** Backend, precision and threads of every slot, and the backend's family. */
  runtime: string;
  backend: string;
  device: Device;
  name: string;
  /** Lease of an attempt, ms. */
  leaseMs: number;
  onAnnounced?(): void;
  onExecuted?(message: TrialMessage, executed: Executed): void;
}

/** How often a worker says that it lives, and how long one announcement holds, ms. */
const ANNOUNCE_MS = 2_000;
const ANNOUNCEMENT_HOLDS_MS = 10_000;

/** Takes trial messages until the signal aborts; then hands running trials back as preempted and ends. */
export async function runWorker(deps: RunWorkerDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, runtime, backend, device, trainers, name } = deps;
  const slots = trainers.length;
  const id = `${name}-${randomUUID()}`;
  const idle = [...trainers];
  const busy = new Set<string>();
  const announce = async (): Promise<void> => {
    try {
      await deps.workers.announce(
        { id, name, runtime, backend, device, slots, busy: [...busy] },
        ANNOUNCEMENT_HOLDS_MS,
      );
      deps.onAnnounced?.();
    } catch (error) {
      log.warn({ err: error }, 'worker not announced; trying again');
    }
  };
  await announce();
  const consumer = deps.dispatcher.consume(runtime, slots, async (message, stop) => {
    const trainer = idle.pop();
    if (!trainer) throw new Error(`more than ${slots} trials were handed to this worker at once`);
    const key = `${message.jobId}/${message.trialId}`;
    busy.add(key);
    try {
      const executor = { worker: name, runtime };
      const executed = await executeTrial({ ...deps, trainer, executor, newId: randomUUID }, message, stop);
      deps.onExecuted?.(message, executed);
    } finally {
      busy.delete(key);
      idle.push(trainer);
    }
  });
  while (!signal.aborted) {
    await clock.sleep(ANNOUNCE_MS, signal);
    if (!signal.aborted) await announce();
  }
  await deps.workers
    .withdraw(id)
    .catch((error: unknown) => log.warn({ err: error }, 'worker not withdrawn; it will be forgotten'));
  await consumer.close();
  await Promise.all(trainers.map((trainer) => trainer.close()));
}
