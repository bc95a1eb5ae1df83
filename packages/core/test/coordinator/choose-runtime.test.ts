import { expect, test } from 'vitest';
import { type JobRecord } from '../../src/domain/index.ts';
import { chooseRuntime } from '../../src/jobs/index.ts';
import { chooseQueues } from '../../src/jobs/index.ts';
import { type Device, type WorkerInfo } from '../../src/ports/index.ts';
import { parseJob, type JobSpec } from '../../src/spec/index.ts';

const worker = (backend: string, runtime: string, device?: Device): WorkerInfo => ({
  id: runtime,
  name: 'w',
  runtime,
  backend,
  device,
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

const software = worker('webgpu', 'webgpu float32 cpu threads=2 simd=true adapter=software:llvmpipe', 'software');
const gpu = worker('webgpu', 'webgpu float32 gpu threads=1 simd=true adapter=radv-navi', 'gpu');
const wasm = worker('wasm', 'wasm float32 cpu threads=1 simd=true', 'cpu');

test('auto chooses webgpu before wasm on a GPU; webgpu in software only runs jobs that name it', () => {
  expect(chooseRuntime(job, training('auto'), [wasm, gpu, software])).toBe(gpu.runtime);
  expect(chooseRuntime(job, training('auto'), [software, wasm])).toBe(wasm.runtime);
  expect(chooseRuntime(job, training('auto'), [software])).toBeNull();
  expect(chooseRuntime(job, training('webgpu'), [wasm, software])).toBe(software.runtime);
});

test('auto does not choose webgpu of an older worker that announces no device', () => {
  const [oldWebgpu, oldWasm] = [worker('webgpu', 'webgpu float32 gpu'), worker('wasm', 'wasm float32 cpu')];
  expect(chooseRuntime(job, training('auto'), [oldWebgpu])).toBeNull();
  expect(chooseRuntime(job, training('auto'), [oldWebgpu, oldWasm])).toBe(oldWasm.runtime);
  expect(chooseRuntime(job, training('webgpu'), [oldWebgpu])).toBe(oldWebgpu.runtime);
});

test('the runtime is an opaque key: only the announced device decides', () => {
  const odd = worker('webgpu', 'any text', 'gpu');
  expect(chooseRuntime(job, training('auto'), [odd, wasm])).toBe(odd.runtime);
});

test('a job that asks for a device or labels waits for a worker that has them all', () => {
  const spec = (workers: object): JobSpec => ({ ...training('auto'), workers: { labels: [], ...workers } });
  const big = { ...wasm, labels: ['a100', 'big'] };
  expect(chooseRuntime(job, spec({ device: 'gpu' }), [wasm, gpu])).toBe(gpu.runtime);
  expect(chooseRuntime(job, spec({ device: 'gpu' }), [wasm])).toBeNull();
  expect(chooseRuntime(job, spec({ labels: ['big'] }), [gpu, wasm])).toBeNull();
  expect(chooseRuntime(job, spec({ labels: ['big', 'a100'] }), [gpu, big])).toBe(wasm.runtime);
  expect(chooseQueues(job, spec({ labels: ['big'] }), [wasm, big])).toEqual([`${wasm.runtime} +a100,big`]);
  expect(chooseQueues(job, spec({ labels: ['small'] }), [wasm, big])).toEqual([]);
  const pinned = { ...job, runtime: wasm.runtime };
  expect(chooseQueues(pinned, spec({ labels: ['small'] }), [wasm, big])).toEqual([]);
  expect(chooseQueues(pinned, training('auto'), [])).toEqual([wasm.runtime]);
});
