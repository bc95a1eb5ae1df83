import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@gradsmith/core';
import { LocalSignals, LocalWorkerRegistry, SqliteStore } from '@gradsmith/embedded';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { buildApi } from '../src/index.ts';

/** The API over a real SQLite ledger of its own; both are gone when the test is. */
export async function startApi(): Promise<{ app: FastifyInstance; ledger: Ledger }> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-api-'));
  const ledger = new Ledger(await SqliteStore.open({ file: join(folder, 'ledger.sqlite') }));
  const signals = new LocalSignals();
  const app = await buildApi({ ledger, workers: new LocalWorkerRegistry(), signals }, pino({ level: 'silent' }));
  onTestFinished(async () => {
    await app.close();
    await ledger.store.close();
    rmSync(folder, { recursive: true });
  });
  return { app, ledger };
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
