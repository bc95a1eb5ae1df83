import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decodeCurve } from '@gradsmith/core/domain';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BackendUnavailable, formatRuntime, getKernelOps, useBackend } from '../../src/backends/index.ts';
import { adapterVersions, isSoftware } from '../../src/backends/webgpu/adapter.ts';
import type { AdapterInfo } from '../../src/backends/webgpu/package.ts';
import { train } from '../../src/engine/index.ts';
import { temporaryFolder } from '../data/files.ts';
import { createBusyObjective, busyData } from '../engine/busy.ts';
import { cacheDir, isInstalled, testOptions } from './installed.ts';
import { silenceTensorflow, randomSource, randomValues, relativeError, runOn } from './kernels.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const lavapipe: AdapterInfo = {
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe-llvm-15-0-6-256-bits-',
  isFallbackAdapter: true,
  description: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)',
};

/** The module that child processes import, as a JavaScript string. */
const backends = JSON.stringify(new URL('../../src/backends/index.ts', import.meta.url).href);

describe('an adapter', () => {
  const gpu: AdapterInfo = {
    vendor: 'nvidia',
    architecture: 'ampere',
    device: 'nvidia-a100',
    description: 'NVIDIA: 570.86.15',
    isFallbackAdapter: false,
  };

  it('is recognized as software by its name if the driver does not say so', () => {
    expect(isSoftware(gpu)).toBe(false);
    expect(isSoftware({ ...gpu, isFallbackAdapter: true })).toBe(true);
    expect(isSoftware({ ...lavapipe, architecture: '', isFallbackAdapter: false })).toBe(true);
    expect(isSoftware({ ...gpu, vendor: 'google', architecture: 'swiftshader', device: '', description: '' })).toBe(
      true,
    );
  });

  it('is one word of the runtime, and so is its driver', () => {
    expect(adapterVersions(gpu)).toEqual({ adapter: 'nvidia-a100', driver: 'NVIDIA:-570.86.15' });
    expect(adapterVersions(lavapipe)).toEqual({
      adapter: 'software:llvmpipe-llvm-15-0-6-256-bits',
      driver: 'llvmpipe:-Mesa-25.0.7-(LLVM-15.0.6)',
    });
  });
});

describe('refusals name the reason and what to do', () => {
  const refusal = async (options: object): Promise<BackendUnavailable> => {
    const error: unknown = await useBackend('webgpu', options).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(BackendUnavailable);
    return error as BackendUnavailable;
  };

  it('if the package is not installed', async () => {
    const { reason, message } = await refusal({ cacheDir: temporaryFolder() });
    expect({ reason, message }).toEqual({
      reason: 'not-installed',
      message: expect.stringContaining('gradsmith backend install webgpu') as string,
    });
  });

  it('if one of several GPUs is selected', async () => {
    const { reason, message } = await refusal({ cacheDir: temporaryFolder(), gpu: true, cudaDevice: 'GPU-a' });
    expect({ reason, message }).toEqual({
      reason: 'no-gpu',
      message: expect.stringContaining('GRADSMITH_GPU=require') as string,
    });
  });

  it.skipIf(!isInstalled('webgpu'))('if no driver has an adapter', async () => {
    const program = `import { useBackend } from ${backends};
      await useBackend('webgpu', ${JSON.stringify(testOptions)})
        .catch(({ reason, message }) => console.log(reason, message));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module-typescript', '--eval', program],
      { env: { ...process.env, VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' } },
    );
    expect(stdout).toMatch(/^no-adapter .*mesa-vulkan-drivers/);
  });
});

describe.skipIf(!isInstalled('webgpu'))('the backend webgpu', () => {
  beforeAll(async () => {
    silenceTensorflow();
    await useBackend('cpu');
    await useBackend('webgpu', testOptions);
  });

  it('names its device in the runtime; refuses software if a GPU is required', async () => {
    const description = await useBackend('webgpu', testOptions);
    const software = description.versions['adapter']!.startsWith('software:');
    expect(description).toMatchObject({ device: software ? 'software' : 'gpu', deterministic: software });
    expect(formatRuntime(description)).toMatch(/ driver=\S+ tfjs=\d/);
    expect(formatRuntime(description)).toMatch(
      /^webgpu float32 (cpu threads=1 simd=true adapter=software:|gpu .*adapter=)\S+ dawn=0\.\d+\.\d+ /,
    );
    const program = `import { useBackend } from ${backends};
      await useBackend('webgpu', { cacheDir: ${JSON.stringify(cacheDir)}, gpu: true })
        .then(() => console.log('gpu'), ({ reason, message }) => console.log(reason, message));
      process.exit(0);`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module-typescript',
      '--eval',
      program,
    ]);
    expect(stdout).toMatch(software ? /^no-gpu .*computes on the processor/m : /^gpu$/m);
  });

  // Whole and half numbers create ties. Negative ranges create windows whose maximum is not positive.
  it.each([
    [-1, 1, 0],
    [-2, 0, 0.5],
    [-1, 1, 0.5],
    [0, 0, 0],
  ])(
    'gradient of max pooling equals the cpu backend for values from %d to %d on a grid of %d',
    async (low, high, grid) => {
      const random = randomSource(7);
      for (let i = 0; i < 8; i++) {
        const x = randomValues(random, [2, 5 + i, 4 + (i % 5), [1, 3, 4, 6, 9][i % 5]!], low, high, grid);
        const attrs = { filterSize: 2 + (i % 2), strides: 1 + (i % 3), pad: i % 4 < 2 ? 'same' : 'valid' };
        const output = await runOn('cpu', 'MaxPool', { x }, attrs);
        const dy = randomValues(random, output.shape);
        const inputs = { dy, input: x, output };
        expect(
          relativeError(
            await runOn('webgpu', 'MaxPoolGrad', inputs, attrs),
            await runOn('cpu', 'MaxPoolGrad', inputs, attrs),
          ),
          JSON.stringify(attrs),
        ).toBeLessThan(1e-6);
      }
    },
  );

  it('reads nothing synchronously in a training, and detects a loss that is not a number', async () => {
    const backend = await useBackend('webgpu', testOptions);
    const { engine } = await import('@tensorflow/tfjs-core');
    const readSync = vi.spyOn(engine().backend as unknown as { readSync(id: object): unknown }, 'readSync');
    const options = { backend, ops: getKernelOps('webgpu') };
    const { outcome, curve } = await train(createBusyObjective(), busyData, options);
    expect(outcome).toBe('complete');
    expect(decodeCurve(curve)).toHaveLength(10);
    const steep = createBusyObjective({
      network: { name: 'mlp', hidden: [8, 8, 8, 8, 8, 8, 8, 8], activation: 'identity' },
      optimizer: { name: 'sgd', learningRate: 1e4 },
      backward: [],
      gradientNoise: undefined,
    });
    expect((await train(steep, busyData, options)).outcome).toBe('diverged');
    expect(readSync).not.toHaveBeenCalled();
    readSync.mockRestore();
  });
});
