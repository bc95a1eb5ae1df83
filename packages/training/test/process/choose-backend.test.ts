import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { backendFolder } from '../../src/backends/installation.ts';
import { chooseBackend } from '../../src/process/index.ts';
import { cacheDir as installed, isInstalled } from '../backends/installed.ts';
import { temporaryFolder } from '../data/files.ts';

vi.setConfig({ testTimeout: 60_000 });

it('chooses wasm without measuring if nothing else is installed', async () => {
  expect(await chooseBackend({ cacheDir: temporaryFolder() })).toEqual({ backend: 'wasm', imagesPerSecond: {} });
});

it('measures once, skips a backend that does not start, and measures again after a change', async () => {
  const cacheDir = temporaryFolder();
  const installation = join(backendFolder(cacheDir, 'tensorflow'), 'installation.json');
  mkdirSync(backendFolder(cacheDir, 'tensorflow'), { recursive: true });
  writeFileSync(installation, JSON.stringify({ tensorflow: '2.0.0', source: 'an empty folder' }));
  const measured: string[] = [];
  const first = await chooseBackend({ cacheDir, onMeasure: (backend) => measured.push(backend) });
  expect(measured).toEqual(['wasm', 'tensorflow']);
  expect(first.backend).toBe('wasm');
  expect(Object.keys(first.imagesPerSecond)).toEqual(['wasm']);
  expect(first.imagesPerSecond.wasm).toBeGreaterThan(0);
  const file = join(cacheDir, 'backends', 'choice.json');
  const remembered = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...remembered, imagesPerSecond: { wasm: 12345 } }));
  const again = await chooseBackend({ cacheDir, onMeasure: (backend) => measured.push(backend) });
  expect(again.imagesPerSecond).toEqual({ wasm: 12345 });
  expect(measured).toHaveLength(2);
  writeFileSync(installation, JSON.stringify({ tensorflow: '2.0.1', source: 'an empty folder' }));
  expect((await chooseBackend({ cacheDir })).imagesPerSecond).not.toEqual({ wasm: 12345 });
});

it('chooses although the cache cannot be written, and leaves no file there', async () => {
  const cacheDir = temporaryFolder();
  const installation = join(backendFolder(cacheDir, 'tensorflow'), 'installation.json');
  mkdirSync(backendFolder(cacheDir, 'tensorflow'), { recursive: true });
  writeFileSync(installation, JSON.stringify({ tensorflow: '2.0.0', source: 'an empty folder' }));
  // Also root cannot replace a folder by a file.
  mkdirSync(join(cacheDir, 'backends', 'choice.json'));
  const before = readdirSync(join(cacheDir, 'backends'));
  expect((await chooseBackend({ cacheDir })).backend).toBe('wasm');
  expect(readdirSync(join(cacheDir, 'backends'))).toEqual(before);
});

it.skipIf(!isInstalled('tensorflow'))('takes the faster one where both start', async () => {
  const cacheDir = temporaryFolder();
  mkdirSync(join(cacheDir, 'backends'));
  symlinkSync(backendFolder(installed, 'tensorflow'), backendFolder(cacheDir, 'tensorflow'));
  const { backend, imagesPerSecond } = await chooseBackend({ cacheDir });
  expect(Object.keys(imagesPerSecond).sort()).toEqual(['tensorflow', 'wasm']);
  expect(imagesPerSecond[backend]).toBe(Math.max(...Object.values(imagesPerSecond)));
});

it.skipIf(!isInstalled('webgpu'))('takes webgpu only where it computes on a GPU', async () => {
  const cacheDir = temporaryFolder();
  mkdirSync(join(cacheDir, 'backends'));
  symlinkSync(backendFolder(installed, 'webgpu'), backendFolder(cacheDir, 'webgpu'));
  const { device } = await useBackend('webgpu', { cacheDir: installed, threads: 1 });
  expect(Object.keys((await chooseBackend({ cacheDir })).imagesPerSecond)).toEqual(
    device === 'gpu' ? ['wasm', 'webgpu'] : ['wasm'],
  );
});
