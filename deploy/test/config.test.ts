import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { Deployment } from './compose.ts';
import { listAncestors, parseStages } from './stages.ts';

const run = promisify(execFile);
const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const stages = parseStages(dockerfile);
const targets = [
  'api',
  'coordinator',
  'worker-wasm',
  'worker-tensorflow',
  'worker-tensorflow-gpu',
  'worker-webgpu',
  'data',
  'ledger',
];
const overrides = [
  'docker-compose.gpu.yml',
  'docker-compose.webgpu.yml',
  'docker-compose.observability.yml',
  'docker-compose.modules.yml',
];

describe('compose files', () => {
  test.each([[[]], ...overrides.map((file) => [[file]]), [overrides]].map(([files]) => ({ files: files as string[] })))(
    'are valid: docker-compose.yml $files',
    async ({ files }) => {
      const deployment = new Deployment(18_081, { GRADSMITH_MODULES: './examples/modules' });
      const resolved = await deployment.compose(
        ...['docker-compose.yml', ...files].flatMap((file) => ['-f', file]),
        'config',
      );
      expect(resolved).toContain('gradsmith-api');
      // A default within a default, which Compose 1.29 does not know, would be left in the text.
      expect(resolved).not.toMatch(/\$\{/);
    },
  );

  test('webgpu: passes the device in and rejects software adapters by default', async () => {
    const config = (env: Record<string, string>) =>
      new Deployment(18_081, env).compose('-f', 'docker-compose.yml', '-f', 'docker-compose.webgpu.yml', 'config');
    const resolved = await config({});
    expect(resolved).toContain('gradsmith-worker-webgpu');
    expect(resolved).toContain('GRADSMITH_GPU: require');
    expect(resolved).toContain('/dev/dri');
    expect(await config({ GRADSMITH_GPU: 'auto', GRADSMITH_DRI: '/dev/null' })).toContain('GRADSMITH_GPU: auto');
  });

  test('variables name another Redis for every service that uses one, and no part of it is guessed', async () => {
    const given = {
      GRADSMITH_REDIS_URL: 'rediss://gradsmith@ledger.example:6380',
      GRADSMITH_WORKER_REDIS_URL: 'rediss://worker@ledger.example:6380',
      GRADSMITH_REDIS_SECRETS: './redis-secrets',
      GRADSMITH_REDIS_CA_FILE: '/redis-secrets/ca.crt',
      GRADSMITH_REDIS_NETWORK: 'somewhere',
    };
    const config = (env: Record<string, string>) =>
      new Deployment(18_081, env).compose('-f', 'docker-compose.yml', '-f', 'docker-compose.redis.yml', 'config');
    const resolved = await config(given);
    const count = (text: string): number => resolved.split(text).length - 1;
    expect(count('REDIS_URL: rediss://gradsmith@ledger.example:6380')).toBe(2);
    expect(count('REDIS_URL: rediss://worker@ledger.example:6380')).toBe(1);
    expect(count('REDIS_CA_FILE: /redis-secrets/ca.crt')).toBe(3);
    expect(resolved).not.toContain('@redis:6379');
    expect(resolved).toMatch(/external-redis:\s+(?:external: true\s+name: somewhere|name: somewhere\s+external: true)/);
    for (const name of ['GRADSMITH_REDIS_URL', 'GRADSMITH_WORKER_REDIS_URL', 'GRADSMITH_REDIS_SECRETS'] as const)
      await expect(config({ ...given, [name]: '' })).rejects.toThrow(/say (at|in) which/);
  });

  test('confine every container: memory, processes, capabilities, a read-only root', () => {
    const files = ['docker-compose.yml', 'docker-compose.observability.yml'].map((file) => {
      // Overrides of services of the first file add settings only.
      const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as { services: Record<string, object> };
      return Object.entries(services).filter(([, service]) => 'image' in service);
    });
    const confined = {
      mem_limit: expect.any(String),
      pids_limit: expect.any(Number),
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: expect.anything(),
    };
    for (const [name, service] of files.flat())
      expect([name, service]).toEqual([name, expect.objectContaining(confined)]);
    expect(files.flat()).toHaveLength(9);
  });

  test('modules need a named folder, which is mounted read-only', async () => {
    const config = (env: Record<string, string>) =>
      new Deployment(18_081, env).compose('-f', 'docker-compose.yml', '-f', 'docker-compose.modules.yml', 'config');
    expect(await config({ GRADSMITH_MODULES: './examples/modules' })).toMatch(
      /read_only: true\s+source: \/\S*examples\/modules\s+target: \/modules/,
    );
    await expect(config({ GRADSMITH_MODULES: '' })).rejects.toThrow('say in which folder of this host the modules are');
  });
});

describe('the wheels of TensorFlow', () => {
  const check = (folder: string, ...hash: string[]) => run('sh', ['deploy/image/check-wheel.sh', folder, ...hash]);

  test('are refused with another hash than the pinned one, wherever they come from', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradsmith-wheel-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync('deploy/wheels/cpu/requirements.txt', join(folder, 'requirements.txt'));
    writeFileSync(join(folder, 'tensorflow_cpu.whl'), 'another wheel');
    await expect(check(folder)).rejects.toThrow('has the SHA-256');
    cpSync('deploy/wheels/gpu/requirements.txt', join(folder, 'requirements.txt'));
    const { stdout } = await check(folder);
    const hash = createHash('sha256').update('another wheel').digest('hex');
    expect(stdout).toContain(hash);
    await check(folder, hash);
    await expect(check(folder, hash.replace(/^./, 'x'))).rejects.toThrow('expected is x');
    expect(readFileSync('deploy/image/build-addon.sh', 'utf8')).toContain('check-wheel.sh');
  });

  test('that the command line installs are the same', () => {
    const source = readFileSync('packages/training/src/install/tensorflow.ts', 'utf8');
    for (const name of ['cpu', 'gpu'])
      expect(source).toContain(`'${readFileSync(`deploy/wheels/${name}/requirements.txt`, 'utf8').trim()}'`);
  });
});

describe('Dockerfile', () => {
  test('passes the linter', () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  test('starts from pinned images, and copies only from earlier stages', () => {
    const known: string[] = [];
    for (const { name, base, sources } of stages.values()) {
      if (!known.includes(base))
        expect(base).toMatch(/^[\w./-]+:[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?$|^debian:bookworm-slim$/);
      for (const source of sources) expect(known).toContain(source);
      known.push(name);
    }
    expect(known).toEqual(expect.arrayContaining(targets));
  });

  test.each(targets)('%s: has labels, an ordinary user and a health check', (target) => {
    const all = listAncestors(stages, target).flatMap(({ instructions }) => instructions);
    const last = (keyword: string): string | undefined => all.findLast((each) => each.keyword === keyword)?.text;
    expect(last('USER')).toMatch(/^(10001:10001|redis)$/);
    const labels = all
      .filter(({ keyword }) => keyword === 'LABEL')
      .map(({ text }) => text)
      .join(' ');
    expect(labels.split('image.title=')[1]).toMatch(`"gradsmith-${target}"`);
    for (const label of ['description="', 'licenses="Apache-2.0"', 'version="${VERSION}"', 'revision="${REVISION}"'])
      expect(labels.split(label)).toHaveLength(2);
    const steps = all.filter(({ keyword, text }) => keyword === 'RUN' && text.includes('upgrade.sh'));
    expect(steps).toHaveLength(1);
    // The data container runs once and has nothing to check.
    if (target !== 'data') expect(last('HEALTHCHECK')).toMatch(/CMD \["/);
  });

  test('both TensorFlow images are built by the same steps', () => {
    const [cpu, gpu] = ['tensorflow', 'tensorflow-gpu'].map((name) => stages.get(name)!);
    expect(cpu!.base).toBe('compiler');
    expect(gpu!.base).toBe('compiler');
    const steps = (stage: typeof cpu): string[] =>
      stage!.instructions
        .filter(({ keyword }) => keyword !== 'ARG')
        .map(({ text }) => text.replace(/(build-addon\.sh) .*/, '$1'));
    expect(steps(gpu)).toEqual(steps(cpu));
  });
});
