import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import { GradsmithError, type TrialResult } from '@gradsmith/core/domain';
import type { z } from 'zod';
import { configSchema, orderSchema, type Reply, type RequestMessage, type StartedRuntime } from './messages.ts';

/** Does one training; `report` may be called as often as it likes and answers whether to go on. */
export type TrainingRunner = (
  request: RequestMessage,
  report: (progress: { step: number; partialSum: number }) => 'continue' | 'prune',
) => Promise<TrialResult>;

/** Progress goes to the parent at most this often: it renews leases and draws bars, nothing more. */
const REPORT_EVERY_MS = 100;

/** The old generation is collected at most this often; it takes some 15 ms. */
const COLLECT_EVERY_MS = 1000;

/**
 * The life of a trainer process: start the watchdog, make ready, then train one request after the other. `start` gets
 * the configuration from the command line and says what the runtime is; `warn` reaches the parent's log.
 */
export async function serve(
  start: (
    config: z.output<typeof configSchema>,
    warn: (message: string) => void,
  ) => Promise<StartedRuntime & { run: TrainingRunner }>,
): Promise<void> {
  const config = configSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
  new Worker(new URL('./watchdog.ts', import.meta.url), { workerData: { memoryLimit: config.memoryLimit } }).unref();
  // Signals of a terminal go to the whole process group; only the parent decides what they mean for a training.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  const { runtime, device, run } = await start(config, (message) => sendReply({ type: 'warning', message })).catch(
    (error: unknown) => exitUnable(error as Error),
  );
  let queue = Promise.resolve();
  /** The latest training to be ended early. */
  let pruned = 0;
  process.on('message', (message) => {
    const order = orderSchema.parse(message);
    if ('prune' in order) pruned = order.prune;
    else queue = queue.then(() => answerRequest(order, run, () => pruned === order.id)).then(collectGarbage);
  });
  sendReply({ type: 'ready', runtime, device });
}

/** Sends the parent the reason why there is no trainer, then ends. */
function exitUnable({ message }: Error): Promise<never> {
  return new Promise(() => process.send!({ type: 'unable', message } satisfies Reply, () => process.exit(1)));
}

async function answerRequest(request: RequestMessage, run: TrainingRunner, isPruned: () => boolean): Promise<void> {
  const { id } = request;
  const rungs = new Set(request.rungs);
  let reported = 0;
  try {
    const result = await run(request, ({ step, partialSum }) => {
      const now = performance.now();
      if (now - reported >= REPORT_EVERY_MS || rungs.has(step)) {
        reported = now;
        sendReply({ type: 'progress', id, step, partialSum });
      }
      return isPruned() ? 'prune' : 'continue';
    });
    // Before the parent hears of it: it may end this process at once.
    flushCompileCache();
    sendReply({ type: 'result', id, result });
  } catch (error) {
    const refused = error instanceof GradsmithError && !error.retryable;
    sendReply({ type: 'failed', id, refused, message: error instanceof Error ? error.message : String(error) });
  }
}

let collected = performance.now();

/**
 * What a training leaves behind in the old generation goes at once. V8 would let it gather over hundreds of trainings,
 * which looks like a leak to whoever watches the process.
 */
function collectGarbage(): void {
  if (performance.now() - collected < COLLECT_EVERY_MS) return;
  // Absent where the process was started without the option that shows it.
  globalThis.gc?.();
  collected = performance.now();
}

function sendReply(reply: Reply): void {
  process.send!(reply);
}
