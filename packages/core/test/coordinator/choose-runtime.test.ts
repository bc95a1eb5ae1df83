import { expect, test } from 'vitest';
import { chooseRuntime } from '../../src/coordinator/index.ts';
import { type JobRecord } from '../../src/domain/index.ts';
import { type WorkerInfo } from '../../src/ports/index.ts';
import { parseJob, type JobSpec } from '../../src/spec/index.ts';

const worker = (backend: string, runtime: string): WorkerInfo => ({
  id: runtime,
  name: 'w',
  runtime,
  backend,
  slots: 1,
  busy: [],
});
const job = { runtime: null } as JobRecord;
const training = (backend: string): JobSpec =>
  parseJob({
    name: 'training',
    objective: {
      kind: 'training',
      backend,
      dataset: { name: 'two-gaussians' },
      network: { name: 'mlp', hidden: [4] },
      optimizer: { name: 'sgd' },
    },
    space: { rate: { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1 } },
    search: { trials: 1 },
  });

const software = worker('webgpu', 'webgpu float32 cpu threads=2 simd=true adapter=software:llvmpipe');
const gpu = worker('webgpu', 'webgpu float32 gpu threads=1 simd=true adapter=radv-navi');
const wasm = worker('wasm', 'wasm float32 cpu threads=1 simd=true');

test('auto takes webgpu before wasm on a GPU, and never on software, which a job has to name', () => {
  expect(chooseRuntime(job, training('auto'), [wasm, gpu, software])).toBe(gpu.runtime);
  expect(chooseRuntime(job, training('auto'), [software, wasm])).toBe(wasm.runtime);
  expect(chooseRuntime(job, training('auto'), [software])).toBeNull();
  expect(chooseRuntime(job, training('webgpu'), [wasm, software])).toBe(software.runtime);
});
