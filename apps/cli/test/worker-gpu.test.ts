import { startRedis, type TestRedis } from '@gradsmith/testing';
import { gpuModes } from '@gradsmith/training/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gpuUses } from '../src/commands/worker.ts';
import { exitCodes } from '../src/exit-codes.ts';
import { gradsmith } from './support.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis(process.env);
}, 60_000);
afterAll(() => redis.stop());

test('lists the uses of GPUs that a worker has', () => {
  expect([...gpuUses]).toEqual([...gpuModes]);
});

// A path without nvidia-smi is a machine without a GPU.
test.each([
  ['GRADSMITH_GPU=lease', [], { GRADSMITH_GPU: 'lease' }, /^gradsmith: .*lease needs a GPU[^]*--gpu auto/],
  ['GRADSMITH_GPU=require', [], { GRADSMITH_GPU: 'require' }, /^gradsmith: .*GPU/],
  ['--gpu require', ['--gpu', 'require'], {}, /^gradsmith: .*GPU/],
] as const)(
  'does not start on the processor with %s on a machine without a GPU',
  async (_, args, env, message) => {
    const exited = await gradsmith(['worker', '--redis', redis.url, '--slots', '1', ...args], {
      env: { ...env, PATH: '/nowhere' },
    });
    expect(exited.stderr).toMatch(message);
    expect(exited.stdout).toBe('');
    expect(exited.code).toBe(exitCodes.refused);
  },
  60_000,
);
