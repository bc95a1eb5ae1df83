import { fileURLToPath } from 'node:url';
import { getBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { hashAssembly } from '../../../../scripts/assembly.ts';
import { formatRuntime, useBackend } from '../../src/backends/index.ts';
import { kernelVersion, sourceHash } from '../../src/backends/wasm/kernels.generated.ts';

it('starts the named backend and describes it', async () => {
  const wasm = await useBackend('wasm');
  expect(getBackend()).toBe('wasm');
  expect(wasm).toMatchObject({ name: 'wasm', precision: 'float32', threads: 1, simd: true, deterministic: true });
  const cpu = await useBackend('cpu');
  expect(getBackend()).toBe('cpu');
  expect(cpu).toMatchObject({ name: 'cpu', threads: 1, simd: false });
});

it('starts a backend once and returns the same description again', async () => {
  const first = await useBackend('wasm');
  await useBackend('cpu');
  expect(await useBackend('wasm')).toBe(first);
  expect(getBackend()).toBe('wasm');
});

it('formats a runtime with everything that can change the bits', async () => {
  const description = await useBackend('wasm');
  const line = formatRuntime(description);
  expect(line).toBe(`wasm float32 cpu threads=1 simd=true kernels=${kernelVersion} tfjs=4.22.0`);
  for (const change of [{ name: 'cpu' as const }, { threads: 2 }, { simd: false }, { versions: { tfjs: '5.0.0' } }]) {
    expect(formatRuntime({ ...description, ...change })).not.toBe(line);
  }
});

it('runs kernels that are compiled from the current sources', () => {
  expect(sourceHash, 'run: pnpm --filter @gradsmith/training build:kernels').toBe(
    hashAssembly(fileURLToPath(new URL('../..', import.meta.url))),
  );
});
