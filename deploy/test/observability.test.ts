import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, freePort, startRedisServer, type RedisServer } from '@gradsmith/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertCases, promtoolTests } from './alerts.ts';
import { waitUntil } from './compose.ts';

const root = new URL('../..', import.meta.url).pathname;
const text = (file: string): string => readFileSync(`${root}${file}`, 'utf8');
const alerts = text('deploy/observability/alerts.yml');
const names = [...alerts.matchAll(/alert: (\w+)/g)].map(([, name]) => name!);
const dashboard = JSON.parse(text('deploy/observability/grafana/dashboards/gradsmith.json')) as {
  panels: { title: string; targets?: { expr: string }[] }[];
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
const installed = ['prometheus', 'promtool'].every((name) => findOnPath(name, process.env.PATH ?? '') !== null);
const folder = mkdtempSync(join(tmpdir(), 'gradsmith-prometheus-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('alerts and dashboard ask only for metrics that the service has', () => {
  const sources = globSync(['apps/*/src/**/*.ts', 'packages/telemetry/src/**/*.ts'], { cwd: root })
    .map(text)
    .join('\n');
  // The process's own metrics come from the client library.
  const asked = new Set(
    [...`${alerts}\n${JSON.stringify(dashboard)}`.matchAll(/\bgradsmith_(?!process_)\w+/g)].map(([name]) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    ),
  );
  expect(asked.size).toBeGreaterThan(8);
  for (const name of asked) expect(sources).toContain(`'${name}'`);
});

test('every alert is explained in docs/operations.md, and has a case in which it fires', () => {
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(text('docs/operations.md')).toContain(name);
  expect(new Set(alertCases.flatMap(({ fires }) => fires?.name ?? []))).toEqual(new Set(names));
});

describe.skipIf(!installed)('by Prometheus itself (Debian: apt-get install prometheus)', () => {
  test('each alert fires when it should, and no other one with it', () => {
    const rules = join(folder, 'rules.yml');
    writeFileSync(rules, alerts);
    const file = join(folder, 'tests.yml');
    writeFileSync(file, JSON.stringify(promtoolTests(rules, names)));
    expect(execFileSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  describe('a service at work', () => {
    let redis: RedisServer;
    let prometheus: string;
    let api: { url: string; child: ChildProcess };
    const children: ChildProcess[] = [];

    function launch(command: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
      const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'ignore' });
      children.push(child);
      return child;
    }

    async function kill(child: ChildProcess): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }

    async function ask<T>(path: string): Promise<T> {
      const { status, data, error } = (await (await fetch(`${prometheus}/api/v1/${path}`)).json()) as {
        status: string;
        data: T;
        error?: string;
      };
      if (status !== 'success') throw new Error(`${path}: ${error}`);
      return data;
    }

    const query = async (expr: string): Promise<{ value: [number, string] }[]> =>
      (await ask<{ result: { value: [number, string] }[] }>(`query?query=${encodeURIComponent(expr)}`)).result;

    beforeAll(async () => {
      redis = await startRedisServer(process.env);
      const ports = {
        api: await freePort(),
        coordinator: await freePort(),
        worker: await freePort(),
        prometheus: await freePort(),
      };
      const main = (app: string): string[] => [`apps/${app}/src/main.ts`];
      const env = { REDIS_URL: redis.url, GRADSMITH_EVERY_MS: '300' };
      const child = launch(process.execPath, main('api'), {
        ...env,
        GRADSMITH_PORT: String(ports.api),
        GRADSMITH_AUTH: 'open-behind-proxy',
      });
      api = { url: `http://127.0.0.1:${ports.api}`, child };
      for (const app of ['coordinator', 'worker'] as const)
        launch(process.execPath, main(app), {
          ...env,
          GRADSMITH_METRICS_PORT: String(ports[app]),
          GRADSMITH_BACKEND: 'cpu',
        });

      const file = join(folder, 'prometheus.yml');
      // As it is deployed, but for where things are and for the pace.
      const config = text('deploy/observability/prometheus.yml')
        .replaceAll('/etc/prometheus/', `${root}deploy/observability/`)
        .replaceAll(/(_interval): 10s/g, '$1: 1s')
        .replace('api:8080', `127.0.0.1:${ports.api}`)
        .replaceAll(
          /dns_sd_configs: \[\{ names: \[(coordinator|worker)\].*\}\]/g,
          (_, app: 'coordinator' | 'worker') => `static_configs: [{ targets: ["127.0.0.1:${ports[app]}"] }]`,
        );
      writeFileSync(file, config);
      expect(execFileSync('promtool', ['check', 'config', file], { encoding: 'utf8' })).toContain(
        `${names.length} rules`,
      );
      launch('prometheus', [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'series')}`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      ]);
      prometheus = `http://127.0.0.1:${ports.prometheus}`;

      await waitUntil('the API is ready', 60, async () => (await fetch(`${api.url}/readyz`)).ok);
      const response = await fetch(`${api.url}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(job),
      });
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { id: string };
      await waitUntil(
        'the job has finished',
        120,
        async () =>
          ((await (await fetch(`${api.url}/v1/jobs/${id}/status`)).json()) as { phase: string }).phase === 'finished',
      );
    }, 240_000);

    afterAll(async () => {
      await Promise.all(children.map(kill));
      await redis.stop();
    });

    test('all targets are up', async () => {
      await waitUntil('three targets are up', 30, async () => (await query('up == 1')).length === 3);
    });

    test.each(queries)(
      'panel "$title": $expr',
      async ({ expr }) => {
        // A rate takes two readings of its series, and each series comes with its first event.
        const found = await waitUntil('it shows something', 30, async () => {
          const shown = await query(expr);
          return shown.length > 0 && shown;
        });
        for (const { value } of found) expect(value[1]).not.toBe('');
      },
      40_000,
    );

    test('every rule can be evaluated, and every series in it is there', async () => {
      const { groups } = await ask<{
        groups: { rules: { name: string; health: string; lastError?: string; query: string; state: string }[] }[];
      }>('rules');
      const rules = groups.flatMap((group) => group.rules);
      expect(rules.map(({ name, health, lastError = '' }) => ({ name, health, lastError }))).toEqual(
        names.map((name) => ({ name, health: 'ok', lastError: '' })),
      );
      expect(rules.filter(({ state }) => state === 'firing')).toEqual([]);
      const series = new Set(rules.flatMap(({ query }) => query.match(/\bgradsmith_\w+/g) ?? []));
      expect(series.size).toBeGreaterThan(8);
      for (const name of series)
        expect({ name, there: (await query(`count(${name})`)).length }).toEqual({ name, there: 1 });
    });

    test('alerts fire when the ledger stops, then an API', async () => {
      const state = async (name: string): Promise<string | undefined> =>
        (await ask<{ groups: { rules: { name: string; state: string }[] }[] }>('rules')).groups
          .flatMap(({ rules }) => rules)
          .find((rule) => rule.name === name)?.state;
      await redis.kill();
      await waitUntil('the ledger is missed', 40, async () => (await state('GradsmithLedgerDown')) !== 'inactive');
      expect(await state('GradsmithApiDown')).toBe('inactive');
      await kill(api.child);
      await waitUntil('the API is missed', 40, async () => (await state('GradsmithApiDown')) !== 'inactive');
    });
  });
});

const job = {
  name: 'watched',
  objective: {
    kind: 'training',
    dataset: { name: 'two-gaussians', train: 200, validation: 100 },
    network: { name: 'mlp' },
    optimizer: { name: 'sgd', learningRate: 0.1 },
    epochs: 2,
    batchSize: 20,
    seed: 1,
    backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
  },
  search: { algorithm: 'gp', trials: 6, maxParallelism: 1, initial: 2, seed: 1 },
  confirm: { top: 0, seeds: 0 },
};
