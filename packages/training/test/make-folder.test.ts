import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'gradsmith-folders-'));
afterAll(() => rmSync(base, { recursive: true }));

it('creates a folder with its parents, and accepts one that exists', () => {
  const folder = join(base, 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(existsSync(folder)).toBe(true);
});

it('fails at once if the folder cannot be created', () => {
  expect(() => makeFolder('/proc/gradsmith/x')).toThrow('/proc/gradsmith');
  writeFileSync(join(base, 'file'), '');
  expect(() => makeFolder(join(base, 'file', 'x'))).toThrow('ENOTDIR');
});
