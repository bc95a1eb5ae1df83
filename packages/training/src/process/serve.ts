import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import { GradsmithError, type TrialResult } from '@gradsmith/core/domain';
import type { z } from 'zod';
import { configSchema, orderSchema, type Reply, type RequestMessage, type StartedRuntime } from './messages.ts';

/** Runs one training. It may call `report` at any rate; the answer says whether to continue. */
export type TrainingRunner = (
  request: RequestMessage,
  report: (progress: { step: number; partialSum: number; value?: number | undefined }) => 'continue' | 'prune',
) => Promise<TrialResult>;

/** Shortest time between progress messages. They only renew leases and update displays. */
const REPORT_EVERY_MS = 100;

/** Shortest time between collections of the old generation, which take about 15 ms. */
const COLLECT_EVERY_MS = 1000;

/**
 * Runs a trainer process: starts the watchdog and the backend, then trains one request after the other. `start`
 * receives the configuration from the command line and returns the runtime; `warn` writes to the parent's log.
 */
export async function serve(
  start: (
    config: z.output<typeof configSchema>,
    warn: (message: string) => void,
  ) => Promise<StartedRuntime & { run: TrainingRunner }>,
): Promise<void> {
  const config = configSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
  new Worker(new URL('./watchdog.ts', import.meta.url), { workerData: { memoryLimit: config.memoryLimit } }).unref();
  // A terminal sends its signals to the whole process group. Only the parent decides what they mean for a training.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  const { runtime, device, run } = await start(config, (message) => sendReply({ type: 'warning', message })).catch(
    (error: unknown) => exitUnable(error as Error),
  );
  let queue = Promise.resolve();
  /** The latest training to prune. */
  let pruned = 0;
  process.on('message', (message) => {
    const order = orderSchema.parse(message);
    if ('prune' in order) pruned = order.prune;
    else queue = queue.then(() => answerRequest(order, run, () => pruned === order.id)).then(collectGarbage);
  });
  sendReply({ type: 'ready', runtime, device });
}

/** Sends the parent the reason why the trainer cannot start, then exits. */
function exitUnable({ message }: Error): Promise<never> {
  return new Promise(() => process.send!({ type: 'unable', message } satisfies Reply, () => process.exit(1)));
}

async function answerRequest(request: RequestMessage, run: TrainingRunner, isPruned: () => boolean): Promise<void> {
  const { id } = request;
  const rungs = new Set(request.rungs);
  let reported = 0;
  try {
    const result = await run(request, ({ step, partialSum, value }) => {
      const now = performance.now();
      if (now - reported >= REPORT_EVERY_MS || rungs.has(step)) {
        reported = now;
        sendReply({ type: 'progress', id, step, partialSum, value });
      }
      return isPruned() ? 'prune' : 'continue';
    });
    // Before the parent receives the result, because it may kill this process at once.
    flushCompileCache();
    sendReply({ type: 'result', id, result });
  } catch (error) {
    const refused = error instanceof GradsmithError && !error.retryable;
    const code = error instanceof GradsmithError ? error.code : 'error';
    const message = error instanceof Error ? error.message : String(error);
    sendReply({ type: 'failed', id, refused, code, message });
  }
}

let collected = performance.now();

/**
 * Collects the old generation after a training. Otherwise, V8 lets garbage accumulate over hundreds of trainings, which
 * looks like a leak.
 */
function collectGarbage(): void {
  if (performance.now() - collected < COLLECT_EVERY_MS) return;
  // Absent if the process was started without --expose-gc.
  globalThis.gc?.();
  collected = performance.now();
}

function sendReply(reply: Reply): void {
  process.send!(reply);
}
