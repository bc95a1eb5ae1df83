import { readFileSync } from 'node:fs';
import { decodeCurve } from '@gradsmith/core/domain';
import { expect, it, vi } from 'vitest';
import { getKernelOps, useBackend } from '../../src/backends/index.ts';
import { train } from '../../src/engine/train.ts';
import { isInstalled, testOptions } from '../backends/installed.ts';
import { relativeError } from './helpers.ts';
import { createCurveData, CURVES, curvesFile } from './peer-curves.ts';

vi.setConfig({ testTimeout: 120_000 });

const { curves } = JSON.parse(readFileSync(curvesFile, 'utf8')) as { curves: Record<string, number[]> };

// On a software adapter, webgpu is compared with wasm in backends.test.ts, by a smaller network.
//
// Rounding grows from step to step: after 20, float32 and float64 differ by a thousand times as much as after one.
it.for(
  (['tensorflow', 'webgpu', 'wasm'] as const).flatMap((backend) =>
    (Object.keys(CURVES) as (keyof typeof CURVES)[]).map((name) => [name, backend] as const),
  ),
)('%s has the losses of PyTorch from the same weights on the same batches on %s', async ([name, backend], { skip }) => {
  skip(!isInstalled(backend), `${backend} is not installed`);
  const description = await useBackend(backend, testOptions);
  skip(backend === 'webgpu' && description.device !== 'gpu', 'a software adapter takes more than a minute');
  const data = createCurveData(CURVES[name]);
  const { curve } = await train(CURVES[name], data, { backend: description, ops: getKernelOps(backend) });
  const losses = decodeCurve(curve);
  expect(losses).toHaveLength(20);
  expect(relativeError(losses.subarray(0, 1), curves[name]!.slice(0, 1))).toBeLessThan(1e-6);
  expect(relativeError(losses.subarray(0, 8), curves[name]!.slice(0, 8))).toBeLessThan(1e-4);
  expect(relativeError(losses, curves[name]!)).toBeLessThan(2e-3);
});
