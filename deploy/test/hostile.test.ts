// Attacks the service in its containers, under their limits, as `chaos/test/hostile/hostile.test.ts` attacks its
// processes. The three victims need a third of two processors when they run alone.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Caller } from '../../chaos/test/hostile/caller.ts';
import { comparePaces } from '../../chaos/test/hostile/compare-paces.ts';
import { hostileJobs, modules } from '../../chaos/test/hostile/hostile-jobs.ts';
import { Deployment, inspectContainer, waitUntil } from './compose.ts';

const VICTIMS = { jobs: 3, trials: 12 };
const SERVICES = ['redis', 'api', 'coordinator', 'worker'];

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-hostile-'));
const deployment = new Deployment(18_082, {
  COMPOSE_FILE: 'docker-compose.yml:docker-compose.modules.yml',
  GRADSMITH_VERSION: 'test-hostile',
  GRADSMITH_WORKER: 'wasm',
  GRADSMITH_SLOTS: '12',
  GRADSMITH_MODULES: folder,
});

beforeAll(async () => {
  for (const [name, source] of Object.entries(modules))
    writeFileSync(join(folder, `${name}.mjs`), source, { mode: 0o644 });
  // Workers run as another user.
  chmodSync(folder, 0o755);
  await deployment.compose('build');
  await deployment.compose('up', '--no-build', '--detach');
  await waitUntil('the API is ready', 300, async () => (await fetch(`${deployment.url}/readyz`)).ok);
  await waitUntil('a worker runs', 300, async () => {
    const { items } = await deployment.get<{ items: object[] }>('/v1/workers');
    return items.length > 0;
  });
}, 1_800_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await deployment.compose('down', '--volumes', '--timeout', '5');
});

/** Returns when the container of each service started and how often it was restarted. */
async function listStarts(): Promise<string[]> {
  const ids = await Promise.all(SERVICES.map(async (service) => deployment.compose('ps', '-q', service)));
  return Promise.all(
    ids.map(async (id) => inspectContainer(id.trim(), '{{.RestartCount}} {{.State.StartedAt}} {{.State.OOMKilled}}')),
  );
}

test('ten hostile jobs and four large imports at once hurt no other caller', { timeout: 1_200_000 }, async () => {
  const starts = await listStarts();
  const compared = await comparePaces(new Caller(deployment.url), VICTIMS, hostileJobs);
  console.log({ ...compared, reports: compared.reports.map(({ imports, streams }) => ({ imports, streams })) });

  for (const { imports } of compared.reports) {
    expect(imports.every((status) => status === 201 || status === 503)).toBe(true);
    expect(imports).toContain(201);
  }
  expect(await listStarts()).toEqual(starts);
  const busy = 'this machine is too busy to measure the pace';
  expect(Math.min(...compared.alone), busy).toBeLessThan(VICTIMS.trials * 2_500);
  expect(compared.pace).toBeGreaterThanOrEqual(0.8);
  expect(compared.healthP99).toBeLessThan(250);
});
