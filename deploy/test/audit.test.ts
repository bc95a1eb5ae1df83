import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { isAffected, readAdvisories, readSeverity, type Advisory } from '../audit/osv.ts';
import { Report } from '../audit/report.ts';

const root = new URL('../..', import.meta.url).pathname;

function createAdvisory(name: string, events: object[], more: object = {}): Advisory {
  return {
    id: `TEST-${name}`,
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events }] }],
    database_specific: { severity: 'HIGH' },
    ...more,
  } as Advisory;
}

function createFolder(...advisories: Advisory[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-advisories-'));
  advisories.forEach((each, n) => writeFileSync(join(folder, `${n}.json`), JSON.stringify(each)));
  return folder;
}

describe('a version is affected', () => {
  const twice = createAdvisory('left', [
    { introduced: '2.0.0' },
    { fixed: '2.3.1' },
    { introduced: '0' },
    { last_affected: '1.4.0' },
  ]);
  test.each([
    ['0.0.1', true],
    ['1.4.0', true],
    ['1.4.1', false],
    ['2.0.0-rc.1', false],
    ['2.0.0', true],
    ['2.3.1-beta', true],
    ['2.3.1', false],
    ['10.0.0', false],
  ])('%s: %s', (version, affected) => {
    expect(isAffected(twice, { name: 'left', version })).toBe(affected);
  });

  test('if it is listed under its own name', () => {
    const listed: Advisory = {
      id: 'MAL',
      affected: [{ package: { ecosystem: 'npm', name: 'left' }, versions: ['1.0.1'] }],
    };
    expect(isAffected(listed, { name: 'left', version: '1.0.1' })).toBe(true);
    expect(isAffected(listed, { name: 'left', version: '1.0.2' })).toBe(false);
    expect(isAffected(listed, { name: 'right', version: '1.0.1' })).toBe(false);
    expect(readSeverity(listed)).toBe('critical');
  });
});

describe('a folder of advisories', () => {
  test('ignores withdrawn advisories and those of other languages', () => {
    const python = createAdvisory('left', [{ introduced: '0' }]);
    python.affected![0]!.package.ecosystem = 'PyPI';
    const known = readAdvisories(
      createFolder(
        createAdvisory('right', [{ introduced: '0' }]),
        createAdvisory('middle', [], { withdrawn: '2026-01-01T00:00:00Z' }),
        python,
      ),
    );
    expect([...known.keys()]).toEqual(['right']);
  });

  test('that is empty is refused', () => {
    expect(() => readAdvisories(createFolder())).toThrow('holds no OSV record about an npm package');
  });
});

test('names what was not checked, and fails', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const report = new Report();
  report.looked('one', [{ serious: false, text: 'old' }]);
  expect(report.end()).toBe(0);
  report.missed('two', 'no network');
  expect(report.end()).toBe(2);
  expect(log).toHaveBeenLastCalledWith('0 high findings; not audited: two');
  report.looked('three', [{ serious: true, text: 'bad' }]);
  expect(report.end()).toBe(1);
});

test('the command finds affected packages of the lock files of the workspace and of a backend', () => {
  const addon = readFileSync(join(root, 'packages/training/addons/webgpu/package-lock.json'), 'utf8');
  const version = /"node_modules\/webgpu": \{\s+"version": "([^"]+)"/.exec(addon)![1]!;
  const folder = createFolder(
    createAdvisory('webgpu', [{ introduced: '0' }]),
    createAdvisory('fastify', [{ introduced: '0' }, { fixed: '2.0.0' }]),
    createAdvisory('zod', [{ introduced: '4.0.0' }], { database_specific: { severity: 'LOW' } }),
  );
  const { status, stdout } = spawnSync(process.execPath, ['deploy/audit.ts', '--advisories', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout).toContain(`webgpu ${version}: TEST-webgpu, high`);
  expect(stdout).toMatch(/zod 4\.\S+: TEST-zod, low/);
  expect(stdout).not.toContain('TEST-fastify');
  expect(stdout).toContain('1 high findings\n');
  expect(status).toBe(1);
});
