// One call of a module, in its own process: whatever the module does, it ends no other trial. The parent checks what
// the module returns: a process starts for each trial, and loading the schemas would take most of its start.
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { checkProgress, isLaterStep } from '@gradsmith/core/progress';
import { killMarkedProcesses } from '../process/kill-marked-processes.ts';
import { startSweep } from '../process/start-sweep.ts';
import { describeThrown, showValue } from './describe-error.ts';
import type { End, ModuleConfig, Order, Reply } from './messages.ts';

type Call = Extract<Order, { type: 'call' }>;

const LONGEST_MESSAGE = 2_000;
/** Characters as JSON. */
const LONGEST_RESULT = 2 ** 20;

const config = JSON.parse(process.argv[2]!) as ModuleConfig;
new Worker(new URL('../process/watchdog.ts', import.meta.url), { workerData: config }).unref();
// If the worker is killed, the channel closes. This process may exit before the watchdog notices.
process.once('exit', () => killMarkedProcesses(config.run));
process.once('disconnect', () => {
  startSweep(config.run);
  process.exit();
});
// A service manager sends its signals to every process. Only the parent decides what they mean for a trial.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const pruning = new AbortController();
/** The report of the latest step. It is the value of a pruned trial whose module exits by the error. */
let latest: { step: number; value: number } | null = null;

process.on('message', (order: Order) => {
  if (order.type === 'prune') pruning.abort(new Error('the trial is pruned'));
  else void callModule(order).then(finish);
});

async function finish(end: End): Promise<void> {
  // The parent kills this process when it has the answer, so Node would not save what it compiled.
  flushCompileCache();
  await sendReply(end);
}

async function callModule({ file, params, trial, seed, options }: Call): Promise<End> {
  try {
    const { default: objective } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (typeof objective !== 'function')
      return { type: 'failed', refused: true, message: 'The module has no function as its default export.' };
    const found: unknown = await objective(params, {
      trial,
      seed,
      options,
      report: reportProgress,
      signal: pruning.signal,
    });
    return describeReturned(found, pruning.signal.aborted ? 'pruned' : 'complete');
  } catch (error) {
    if (pruning.signal.aborted && latest !== null)
      return { type: 'returned', result: { outcome: 'pruned', value: latest.value } };
    const threw = 'The module threw ';
    const message = `${threw}${describeThrown(error, file, LONGEST_MESSAGE - threw.length)}`;
    return { type: 'failed', refused: false, message };
  }
}

/** The parent checks the values. What is no JSON, or too long for the worker, which other trials share, is not sent. */
function describeReturned(found: unknown, outcome: string): End {
  const refuse = (message: string): End => ({ type: 'failed', refused: true, message });
  const result = { outcome, ...(typeof found === 'object' && found !== null ? found : { value: found }) };
  try {
    if (JSON.stringify(result).length > LONGEST_RESULT) return refuse('The module returned more than 1 MiB.');
  } catch (error) {
    const message = `The module returned what cannot be sent as JSON: ${(error as Error).message}`;
    return refuse(message.slice(0, LONGEST_MESSAGE));
  }
  return { type: 'returned', result, shown: showValue(found) };
}

/**
 * Reports an intermediate value. Ignores a repeated or an earlier step.
 *
 * @throws InvalidInput if the report cannot be recorded
 * @throws the reason of pruning, at the report that decided it or soon after
 */
async function reportProgress(step: number, value: number): Promise<void> {
  checkProgress({ step, value });
  pruning.signal.throwIfAborted();
  if (isLaterStep(latest, { step })) {
    latest = { step, value };
    await sendReply({ type: 'progress', step, value });
  }
  // Lets waiting messages arrive, also if the module never waits.
  await new Promise((resolve) => setImmediate(resolve));
  pruning.signal.throwIfAborted();
}

/** Resolves when the message is in the pipe to the parent. The watchdog handles a parent that is gone. */
async function sendReply(reply: Reply): Promise<void> {
  await new Promise<void>((resolve) => process.send!(reply, () => resolve()));
}
