import { randomUUID } from 'node:crypto';
import type { SuggestInput, Suggestion } from '@gradsmith/bayesopt';
import { runCoordinator } from '../../src/coordinator/index.ts';
import { RENEWALS_PER_LEASE } from '../../src/coordinator/with-renewed-lease.ts';
import { createJob } from '../../src/jobs/index.ts';
import { Ledger } from '../../src/ledger/index.ts';
import { type Dispatcher, type Log, type TrialMessage, type WorkerInfo } from '../../src/ports/index.ts';
import { type JobSpec } from '../../src/spec/index.ts';
import { startTrial, completeTrial, type AttemptRef } from '../../src/trials/index.ts';
import { MemoryStore } from './memory-store.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const RUNTIME = 'wasm float32 threads=1';

const LEASE_MS = 10_000;
const RENEWAL_MS = LEASE_MS / RENEWALS_PER_LEASE;

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** A coordinator over memory whose time stands still unless the test moves it; the test plays the workers. */
export class World {
  readonly store = new MemoryStore();
  readonly ledger = new Ledger(this.store);
  readonly queue = new Map<string, TrialMessage>();
  workers: WorkerInfo[] = [{ id: 'w', name: 'w', runtime: RUNTIME, backend: 'wasm', slots: 4, busy: [] }];
  readonly suggested: SuggestInput[] = [];
  suggest: (input: SuggestInput) => Suggestion = ({ number }) => ({
    kind: 'point',
    source: 'initial',
    point: { 'relu2.u': number / 10, 'relu2.b': 0, 'relu2.v': 1, 'relu2.d': 0 },
  });
  /** Resolves when the suggestion for a job may be computed. */
  delay: (jobId: string) => Promise<void> = async () => {};
  /** Signals the running coordinator that a job has changed. */
  ring: (jobId: string) => void = () => {};
  /** Called after a message was sent. */
  onMessage: () => void = () => {};

  readonly #dispatcher: Dispatcher = {
    send: async (message) => {
      this.queue.set(message.id, message);
      this.onMessage();
    },
    findMissing: async (messages) => messages.filter(({ id }) => !this.queue.has(id)),
    consume: () => {
      throw new Error('the test takes messages from the queue');
    },
    close: async () => {},
  };

  async create(spec: JobSpec, id = 'job_00000000000000000000'): Promise<string> {
    await createJob(this.ledger, id, spec);
    return id;
  }

  /** One round of a coordinator that has been up for long; it leads every job, or `only` one. */
  async round(owner = 'one', only?: string): Promise<void> {
    const stop = new AbortController();
    let time = 0;
    await runCoordinator(
      {
        ledger: this.ledger,
        dispatcher: this.#dispatcher,
        suggester: {
          versions: {},
          close: async () => {},
          suggest: async (jobId, input) => {
            this.suggested.push(input);
            await this.delay(jobId);
            return [this.suggest(input)];
          },
        },
        workers: {
          listLive: async () => this.workers.map((worker) => ({ ...worker, seenAt: 0 })),
          announce: async () => {},
          withdraw: async () => {},
        },
        signals: { publish() {}, subscribe: (listener) => ((this.ring = listener), () => {}), close: async () => {} },
        clock: {
          monotonic: () => (time += 1e9),
          // No suggestion of these tests takes long enough for a renewal of the lease. Any other wait ends the round,
          // once all jobs are advanced: nothing in it waits for more than promises.
          sleep: async (ms, signal) => {
            if (ms === RENEWAL_MS) return untilAborted(signal!);
            await new Promise(setImmediate);
            stop.abort();
          },
        },
        log: silent,
        owner,
        only,
        leaseMs: LEASE_MS,
        trialLeaseMs: 30_000,
        everyMs: 1000,
      },
      stop.signal,
    );
  }

  /** Starts every queued trial. */
  async startTrials(jobId: string, runtime = RUNTIME): Promise<AttemptRef[]> {
    const refs = [...this.queue.values()].map(({ trialId }) => ({ jobId, trialId, attemptId: randomUUID() }));
    this.queue.clear();
    for (const ref of refs) await startTrial(this.ledger, ref, { worker: 'w', runtime }, { leaseMs: 30_000 });
    return refs;
  }

  /** Starts every queued trial and completes it with `value(trial id)`. Returns the ids. */
  async work(jobId: string, value: (id: string) => number): Promise<string[]> {
    const refs = await this.startTrials(jobId);
    for (const ref of refs)
      await completeTrial(this.ledger, ref, {
        outcome: 'complete',
        value: value(ref.trialId),
        metrics: {},
        curve: '',
        provenance: {},
      });
    return refs.map(({ trialId }) => trialId);
  }
}
