import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ThreadSuggester } from '@gradsmith/compute';
import { runCoordinator } from '@gradsmith/core/coordinator';
import { Ledger, type LedgerStore } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { type Log, type Tracer } from '@gradsmith/core/ports';
import { LocalDispatcher, LocalSignals, LocalWorkerRegistry, SqliteStore } from '@gradsmith/embedded';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { buildApi, logOptions, type ApiSettings } from '../src/index.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface TestApi {
  app: FastifyInstance;
  store: LedgerStore;
  ledger: Ledger;
  workers: LocalWorkerRegistry;
  signals: LocalSignals;
  /** Everything the service has logged so far. */
  logged(): string;
}

/** Starts the API over its own SQLite ledger. Both are removed when the test has finished. */
export async function startApi(
  settings: Partial<ApiSettings> = {},
  wrap: (store: LedgerStore) => LedgerStore = (store) => store,
  tracer?: Tracer,
): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-api-'));
  const store = await SqliteStore.open({ file: join(folder, 'ledger.sqlite') });
  const ledger = new Ledger(wrap(store));
  const signals = new LocalSignals();
  const workers = new LocalWorkerRegistry();
  let log = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  const app = await buildApi({ ledger, workers, signals, tracer }, pino(logOptions('debug'), sink), {
    metricsFreshMs: 0,
    ...settings,
  });
  onTestFinished(async () => {
    await app.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { app, store, ledger, workers, signals, logged: () => log };
}

/**
 * The API with a coordinator that looks at its jobs `everyMs` and at each signal; `trialLeaseMs` is how long it waits
 * before anything expires.
 */
export async function startService(
  settings: Partial<ApiSettings> = {},
  trialLeaseMs = 1_000,
  tracer?: Tracer,
): Promise<TestApi> {
  const api = await startApi(settings, undefined, tracer);
  const stop = new AbortController();
  const suggester = new ThreadSuggester();
  const { ledger, workers, signals } = api;
  const coordinating = runCoordinator(
    {
      ledger,
      workers,
      signals,
      suggester,
      dispatcher: new LocalDispatcher(silent),
      clock: systemClock,
      log: silent,
      owner: 'test',
      leaseMs: 10_000,
      trialLeaseMs,
      everyMs: 200,
      tracer,
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await coordinating;
    await suggester.close();
  });
  return api;
}

type Method = 'GET' | 'HEAD' | 'POST' | 'DELETE';

/** Sends a request; a body is sent as JSON. */
export async function call(app: FastifyInstance, method: Method, url: string, payload?: object) {
  return callWith(app, method, url, { payload });
}

/** Sends a request with headers. */
export async function callWith(
  app: FastifyInstance,
  method: Method,
  url: string,
  { payload, headers = {} }: { payload?: object | undefined; headers?: Record<string, string> },
) {
  const request: InjectOptions = { method, url, headers };
  if (payload) request.payload = payload;
  const response = await app.inject(request);
  const isJson = /json($|;)/.test(String(response.headers['content-type'])) && response.body !== '';
  const body = isJson ? response.json() : undefined;
  return { status: response.statusCode, headers: response.headers, text: response.body, body };
}

export const validJob = {
  name: 'gaussians',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 100, validation: 100 },
    network: { name: 'mlp' },
    optimizer: { name: 'adam', learningRate: 0.1 },
    epochs: 2,
    batchSize: 50,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
  },
  search: { trials: 4 },
};

export const externalJob = {
  name: 'forest',
  labels: { team: 'trees' },
  objective: { kind: 'external', metric: { name: 'accuracy', direction: 'maximize' }, seed: 5 },
  space: {
    depth: { type: 'int', low: 1, high: 30 },
    share: { type: 'float', low: 0.1, high: 1 },
    criterion: { type: 'categorical', choices: ['gini', '=entropy, "quoted"'] },
  },
  search: { algorithm: 'random', trials: 6, maxParallelism: 2, initial: 3, seed: 7 },
};
