import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { useBackend } from '../../src/backends/index.ts';
import { installBackend } from '../../src/install/index.ts';
import { takeLibraries } from '../../src/install/libraries.ts';
import { temporaryFolder } from '../data/files.ts';

function writeFiles(folder: string, paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
}

it.each([
  ['the C library', ['include/tensorflow/c/c_api.h', 'lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2']],
  [
    'a wheel',
    [
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
    ],
  ],
  ['an installed package', ['include/tensorflow/c/c_api.h', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']],
])('takes headers and libraries from %s', async (_, paths) => {
  const folder = temporaryFolder();
  writeFiles(folder, paths);
  const deps = temporaryFolder();
  await takeLibraries(deps, folder, 'none');
  expect(readFileSync(join(deps, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe(paths[0]);
  for (const [name, path] of [
    ['libtensorflow.so', 1],
    ['libtensorflow.so.2', 1],
    ['libtensorflow_framework.so', 2],
  ] as const) {
    expect(readFileSync(join(deps, 'lib', name), 'utf8')).toBe(paths[path]);
  }
  expect(readlinkSync(join(deps, 'lib', 'libtensorflow_framework.so'))).toBe('libtensorflow_framework.so.2');
});

it('says what is missing in a folder', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, ['include/tensorflow/c/c_api.h', 'lib/libtensorflow.so.1']);
  const deps = temporaryFolder();
  await expect(takeLibraries(deps, folder, 'none')).rejects.toThrow(
    'libtensorflow_framework.so.2, one of libtensorflow.so.2',
  );
  await expect(takeLibraries(deps, join(folder, 'none'), 'none')).rejects.toThrow('none does not exist');
  await expect(takeLibraries(deps, join(folder, 'lib/libtensorflow.so.1'), 'none')).rejects.toThrow('tar');
  expect(existsSync(deps) && readdirSync(deps)).toEqual([]);
});

it.each(['tfjs-node', 'tfjs-node-gpu', 'webgpu'])('pins %s at the version of the workspace’s TensorFlow.js', (name) => {
  const lock = JSON.parse(readFileSync(new URL(`../../addons/${name}/package-lock.json`, import.meta.url), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const made = name === 'webgpu' ? 'tfjs-backend-webgpu' : name;
  expect(lock.packages[`node_modules/@tensorflow/${made}`]!.version).toBe(version_core);
  expect(lock.packages['node_modules/@tensorflow/tfjs-core']!.version).toBe(version_core);
  for (const [path, { integrity }] of Object.entries(lock.packages))
    expect(path === '' || integrity, path).toBeTruthy();
});

it('webgpu needs only npm, and a failed installation leaves no file', async () => {
  const cacheDir = temporaryFolder();
  await expect(installBackend('webgpu', { cacheDir, from: cacheDir })).rejects.toThrow(
    'The backend webgpu was not installed: webgpu is fetched from the npm registry',
  );
  expect(readdirSync(join(cacheDir, 'backends'))).toEqual([]);
});

it('says how to install a missing backend, and refuses a CPU instead of a GPU', async () => {
  await expect(useBackend('tensorflow', { cacheDir: temporaryFolder() })).rejects.toThrow(
    'gradsmith backend install tensorflow',
  );
  await expect(useBackend('wasm', { gpu: true })).rejects.toThrow('the backend wasm computes on the CPU');
});
