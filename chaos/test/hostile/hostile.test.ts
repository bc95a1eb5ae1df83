// Attacks the whole service at once: ten hostile jobs, four large imports, event streams that nobody reads, and
// requests that must be refused. Other callers notice nothing: they get their answers, their jobs keep their pace, and
// no process of the service is restarted. The processes are confined as docker-compose.yml confines containers.
// `deploy/test/hostile.test.ts` attacks the service in its containers in the same way.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { createControlGroup, type ControlGroup } from '../../src/cluster/control-group.ts';
import type { ProductProcess } from '../../src/load/product-process.ts';
import { Bench } from '../bench.ts';
import { Caller } from './caller.ts';
import { comparePaces } from './compare-paces.ts';
import { hostileJobs, modules } from './hostile-jobs.ts';

/** Three jobs of twelve trials of a second each, at the same time. Alone they need a third of two processors. */
const VICTIMS = { jobs: 3, trials: 12 };
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-hostile-'));
const groups: ControlGroup[] = [];
let bench: Bench;
afterEach(async () => {
  await bench.stop();
  for (const group of groups) group.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a process in a separate control group, so that its children are in it too. */
async function launchConfined(
  app: 'api' | 'coordinator' | 'worker',
  memoryBytes: number,
  env: NodeJS.ProcessEnv,
): Promise<ProductProcess> {
  const group = createControlGroup(`gradsmith-hostile-${process.pid}-${groups.length}`, memoryBytes);
  if (!group) throw new Error('this test needs control groups that it may create (in a container: --privileged)');
  groups.push(group);
  return bench.launch(app, env, group);
}

/** Starts the service. Returns its address and the processes that must not exit. */
async function startService(): Promise<{ url: string; processes: ProductProcess[] }> {
  for (const [name, source] of Object.entries(modules)) writeFileSync(join(folder, `${name}.mjs`), source);
  bench = await Bench.start(10_000, {
    fates: Object.fromEntries(['reference', 0, 1, 2, 3].map((trial) => [String(trial), 'segfault'])),
  });
  const port = await freePort();
  const modulesWorker = { GRADSMITH_MODULES: folder, GRADSMITH_SLOTS: '12', GRADSMITH_WORKER_NAME: 'modules' };
  const processes = await Promise.all([
    launchConfined('api', 768 * MIB, { GRADSMITH_PORT: String(port), GRADSMITH_REQUESTS_PER_MINUTE: '1000000' }),
    launchConfined('coordinator', GIB, { GRADSMITH_SUGGESTION_LIMIT_MS: '10000', GRADSMITH_EVERY_MS: '2000' }),
    launchConfined('worker', 5 * GIB, modulesWorker),
    launchConfined('worker', 5 * GIB, { GRADSMITH_SLOTS: '1', GRADSMITH_WORKER_NAME: 'trainer' }),
  ]);
  return { url: `http://127.0.0.1:${port}`, processes };
}

test('ten hostile jobs, four large imports and floods of streams and requests hurt no other caller', async () => {
  const { url, processes } = await startService();
  const caller = new Caller(url);
  const ends: unknown[] = [];
  const compared = await comparePaces(caller, VICTIMS, hostileJobs, async ({ jobs }) => {
    for (const name of ['endless-suggestion', 'slow-suggestion', 'forks', 'crashes']) {
      const { state, reason } = await caller.waitUntilFinished(jobs.get(name)!);
      ends.push([name, state, reason]);
    }
  });
  console.log({ ...compared, reports: compared.reports.map(({ imports, streams }) => ({ imports, streams })) });

  const round = [
    ['endless-suggestion', 'completed', null],
    ['slow-suggestion', 'completed', null],
    ['forks', 'completed', null],
    ['crashes', 'failed', expect.stringContaining('SIGSEGV')],
  ];
  expect(ends).toEqual(compared.reports.flatMap(() => round));
  await waitUntil(() => !execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes('sleep 7208'), 10_000);
  for (const { imports } of compared.reports) {
    expect(imports.every((status) => status === 201 || status === 503)).toBe(true);
    expect(imports).toContain(201);
  }
  expect(processes.map(({ exited }) => exited)).toEqual(processes.map(() => false));
  expect(groups.map((group) => group.countKills())).toEqual(groups.map(() => 0));
  const busy = 'this machine is too busy to measure the pace';
  expect(Math.min(...compared.alone), busy).toBeLessThan(VICTIMS.trials * 2_500);
  expect(compared.pace).toBeGreaterThanOrEqual(0.8);
  expect(compared.healthP99).toBeLessThan(250);
});
