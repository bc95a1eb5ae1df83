// Jobs of other users keep their pace next to jobs that hang, are slow, crash their trainer or fork daemons.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob, type JobInput } from '@gradsmith/core/spec';
import { freePort, learningRateSearch, waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-neighbors-'));
let bench: Bench;
afterEach(async () => {
  await bench.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Trials of a good job. */
const TRIALS = 12;

/** Seconds that the daemons sleep, which no program of another run of this test does. */
const DAEMON_S = `72${process.pid}`;

const modules = {
  waits: `
import { setTimeout as delay } from 'node:timers/promises';
export default async ({ x }) => { await delay(1_000); return x; };`,
  forks: `
import { spawn } from 'node:child_process';
export default async ({ x }) => {
  spawn('sleep', ['${DAEMON_S}'], { detached: true, stdio: 'ignore' }).unref();
  return x;
};`,
};

function moduleJob(name: string, module: keyof typeof modules, parameter: string, trials: number): JobInput {
  return {
    name,
    objective: { kind: 'module', module, metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 }, [parameter]: { type: 'float', low: 0, high: 1 } },
    search: { trials, maxParallelism: 1, initial: 3 },
  };
}

const crashing: JobInput = {
  name: 'crashing',
  ...learningRateSearch,
  objective: { ...learningRateSearch.objective, backend: 'cpu' },
  search: { algorithm: 'random', trials: 4, maxParallelism: 1 },
  confirm: { top: 0, seeds: 0 },
  limits: { attempts: 2, backoff: '50ms' },
};

/** Creates nine ordinary jobs and returns the time until all are finished, ms. */
async function measureGoodJobs(run: string): Promise<number> {
  const ids = Array.from({ length: 9 }, (_, i) => `job_${run}_${i}`);
  const start = performance.now();
  for (const id of ids) await createJob(bench.ledger, id, parseJob(moduleJob('good', 'waits', 'y', TRIALS)));
  for (const id of ids) {
    const finished = await bench.waitUntilFinished(id, 120_000);
    expect(finished).toMatchObject({ state: 'completed', counts: { complete: TRIALS } });
  }
  return performance.now() - start;
}

test('nine jobs keep 80 % of their pace next to four bad ones, which fail with a reason', async () => {
  bench = await Bench.start(10_000, {
    fates: Object.fromEntries(['reference', 0, 1, 2, 3].map((trial) => [`job_crashes/${trial}`, 'segfault'])),
  });
  for (const [name, source] of Object.entries(modules)) writeFileSync(join(folder, `${name}.mjs`), source);
  const metricsPort = await freePort();
  await Promise.all([
    bench.launch('coordinator', {
      GRADSMITH_SUGGESTION_LIMIT_MS: '4000',
      GRADSMITH_METRICS_PORT: String(metricsPort),
    }),
    bench.launch('worker', { GRADSMITH_MODULES: folder, GRADSMITH_SLOTS: '12', GRADSMITH_WORKER_NAME: 'modules' }),
    bench.launch('worker', { GRADSMITH_SLOTS: '1', GRADSMITH_WORKER_NAME: 'trainer' }),
  ]);
  const before = await measureGoodJobs('before');

  const bad = {
    job_endless: moduleJob('endless', 'waits', 'endless', 7),
    job_slow: moduleJob('slow', 'waits', 'slow', 12),
    job_forks: moduleJob('forks', 'forks', 'y', 10),
    job_crashes: crashing,
  };
  for (const [id, input] of Object.entries(bad)) await createJob(bench.ledger, id, parseJob(input));
  await waitUntil(async () => (await bench.ledger.readJob('job_endless')).job.nextNumber >= 3, 30_000);
  const during = await measureGoodJobs('during');
  const [endless, slow, forks, crashes] = await Promise.all(
    Object.keys(bad).map(async (id) => bench.waitUntilFinished(id, 120_000)),
  );
  expect(endless).toMatchObject({ state: 'completed', counts: { complete: 7 } });
  const sources = (await bench.trials('job_endless')).map(({ source }) => [source.kind, source.reason]);
  expect(sources.slice(3)).toEqual(
    Array.from({ length: 4 }, () => ['fallback', 'a suggestion was not computed within 4 s']),
  );
  expect(slow).toMatchObject({ state: 'completed', counts: { complete: 12 } });
  expect((await bench.trials('job_slow')).slice(3).every(({ source }) => source.kind === 'model')).toBe(true);
  expect(crashes).toMatchObject({ state: 'failed', reason: expect.stringContaining('SIGSEGV') });
  expect(forks).toMatchObject({ state: 'completed', counts: { complete: 10 } });
  await waitUntil(() => !listProcesses().includes(`sleep ${DAEMON_S}`), 10_000);

  // Alone once more, because the machine may have become slower in the meantime.
  const after = await measureGoodJobs('after');
  console.log({ before, during, after });
  expect(Math.max(before, after) / during).toBeGreaterThan(0.8);

  // The alert GradsmithSuggestionsFail fires when this grows (deploy/test/alerts.ts).
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/^gradsmith_suggestion_failures_total 3$/m);
});

function listProcesses(): string {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
}
