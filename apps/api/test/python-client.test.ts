import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildApi } from '../src/index.ts';
import { installPythonPackage, listArchive, readArchiveFile } from './install-python-package.ts';
import { startRedisService, type RedisService } from './redis-service.ts';

/** `pnpm test:python` builds the package and installs its wheel. Without it, only what needs no Python is tested. */
const installed = process.env.GRADSMITH_TEST_PYTHON === 'wheel' ? installPythonPackage() : null;
const folder = new URL('../../../clients/python/', import.meta.url).pathname;

interface Outcome {
  name: string;
  faults: string[];
}

/** Serves `/restart?ms=N`: the API breaks its connections, is away for N ms, and listens at the same address again. */
async function serveRestarts(service: RedisService): Promise<string> {
  const { port } = new URL(service.url);
  let { app } = service;
  const control = createServer(async (request, response) => {
    const closing = app.close();
    app.server.closeAllConnections();
    await closing;
    await delay(Number(new URL(request.url!, service.url).searchParams.get('ms')));
    const { ledger, ports } = service;
    app = await buildApi({ ledger, workers: ports.workers, signals: ports.signals }, pino({ level: 'silent' }), {});
    await app.listen({ host: '127.0.0.1', port: Number(port) });
    response.end();
  });
  onTestFinished(async () => {
    control.close();
    await app.close();
  });
  await once(control.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
}

function listPythonTests(python: string): string[] {
  const names = execFileSync(python, ['tests/run.py', PATTERN, '--list'], { cwd: folder, encoding: 'utf8' });
  return JSON.parse(names) as string[];
}

const PATTERN = 'test_*.py';

test('the Python package has the version of the project, and the example of its README', () => {
  const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(/^version = "(.*)"$/m.exec(read('clients/python/pyproject.toml'))?.[1]).toBe(version);
  const example = /```python\n[^]*?```/.exec(read('clients/python/README.md'))![0];
  expect(read('README.md')).toContain(example);
});

describe.runIf(installed)('the Python package', () => {
  const outcomes = new Map<string, Outcome>();

  test('runs its tests against a service on Redis', async () => {
    const service = await startRedisService();
    const env = {
      ...process.env,
      GRADSMITH_TEST_URL: service.url,
      GRADSMITH_TEST_CONTROL: await serveRestarts(service),
    };
    const child = spawn(installed!.python, ['tests/run.py', PATTERN], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let errors = '';
    child.stderr.on('data', (text) => (errors += String(text)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const outcome = JSON.parse(line) as Outcome;
      outcomes.set(outcome.name, outcome);
    });
    await once(child, 'close');
    expect(child.exitCode, errors).toBe(0);
    expect(service.errors).toEqual([]);
  }, 300_000);

  test.for(installed ? listPythonTests(installed.python) : [])('%s', (name, { skip }) => {
    const faults = outcomes.get(name)?.faults;
    // `optuna-import.test.ts` runs it where Optuna is installed. No other test may be skipped.
    if (faults?.includes('skipped: optuna is not installed')) skip('optuna is not installed');
    expect(faults, name).toEqual([]);
  });

  test('has the metadata that an index shows', () => {
    const metadata = readArchiveFile(installed!.python, installed!.wheel, 'METADATA');
    for (const line of [
      'Name: gradsmith',
      'License-Expression: Apache-2.0',
      'License-File: LICENSE',
      'Requires-Python: >=3.10',
      'Requires-Dist: requests>=2.28',
      'Classifier: Typing :: Typed',
      'Description-Content-Type: text/markdown',
    ])
      expect(metadata.split('\n')).toContain(line);
    expect(metadata.match(/^Requires-Dist: [^;]*$/gm)).toHaveLength(1);
    expect(metadata).toContain('study.optimize(objective)');
  });

  test('is complete in its wheel and its source distribution', () => {
    const { python, wheel, sources } = installed!;
    const inWheel = listArchive(python, wheel);
    const inSources = listArchive(python, sources);
    expect(inWheel).toEqual(expect.arrayContaining(['gradsmith/__init__.py', 'gradsmith/py.typed']));
    expect(inWheel.some((name) => name.endsWith('LICENSE'))).toBe(true);
    expect(inWheel.filter((name) => !/^gradsmith(-[^/]+\.dist-info)?\//.test(name))).toEqual([]);
    for (const name of ['pyproject.toml', 'LICENSE', 'README.md', 'src/gradsmith/study.py', 'tests/test_study.py'])
      expect(
        inSources.some((one) => one.endsWith(`/${name}`)),
        name,
      ).toBe(true);
  });
});
