import type { WorkerResource } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { countWorkers, describeSlots } from '../src/workers/count-workers.ts';

const create = (name: string, module?: string, busy = 0): WorkerResource => {
  const runtime = module === undefined ? 'wasm float32' : `module ${module}`;
  const trials = Array.from({ length: busy }, (_, i) => ({ job: 'a', trial: String(i) }));
  const backend = module === undefined ? 'wasm' : 'module';
  return { id: `${name}-${runtime}`, name, runtime, backend, slots: 2, trials } as unknown as WorkerResource;
};

test('counts a worker with modules once, and their slots apart', () => {
  const modules = ['x', 'y', 'z'].map((module) => create('lab-7', module, module === 'y' ? 1 : 0));
  expect(describeSlots([create('lab-7'), ...modules])).toBe(
    '1 worker, 0 of 2 slots busy, 1 of 6 slots of modules busy',
  );
  expect(describeSlots([create('lab-7', undefined, 2), create('lab-8'), ...modules])).toBe(
    '2 workers, 2 of 4 slots busy, 1 of 6 slots of modules busy',
  );
  expect(describeSlots([create('lab-7')])).toBe('1 worker, 0 of 2 slots busy');
  expect(describeSlots([])).toBe('no live worker');
});

test('counts workers with the same name and the same runtime separately', () => {
  expect(countWorkers([create('lab'), create('lab'), create('lab', 'x'), create('lab', 'x')])).toBe(2);
  expect(countWorkers([])).toBe(0);
});
