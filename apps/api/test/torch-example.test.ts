import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TrialDetail } from '@gradsmith/contract';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { findPython, packageSources } from './find-python.ts';
import { call, startService } from './support.ts';

const python = findPython('requests', 'torch');
if (!python) console.warn('NOT TESTED: examples/python/tune_torch.py needs a python3 with requests and torch');

const script = new URL('../../../examples/python/tune_torch.py', import.meta.url).pathname;

interface Run {
  lines: string[];
  signal: string | null;
}

/** Runs the example. It is killed when it prints a line that matches. */
async function runExample(args: readonly string[], killAt?: RegExp): Promise<Run> {
  const env = { ...process.env, PYTHONPATH: packageSources, OMP_NUM_THREADS: '1' };
  const child = spawn(python!, [script, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (killAt?.test(line)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return { lines, signal: child.signalCode };
}

async function readTrial(app: FastifyInstance, { lines }: Run, number: number): Promise<TrialDetail> {
  const id = lines[0]!.split('/').at(-1);
  return (await call(app, 'GET', `/v1/jobs/${id}/trials/${number}`)).body as TrialDetail;
}

test.skipIf(!python)(
  'the PyTorch example continues a killed trial from its checkpoint, to the result that it has without the kill',
  async () => {
    const { app } = await startService();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const checkpoints = mkdtempSync(join(tmpdir(), 'gradsmith-checkpoints-'));
    onTestFinished(() => rmSync(checkpoints, { recursive: true }));
    const args = ['--url', url, '--trials', '2', '--epochs', '8', '--lease', '1s', '--checkpoints', checkpoints];

    const killed = await runExample(args, /^trial 1 epoch 4$/);
    expect(killed.signal).toBe('SIGKILL');
    const left = await readTrial(app, killed, 1);
    expect(left.attempts[0]!.values.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const resumed = await runExample(args);
    expect(resumed.signal).toBeNull();
    const start = Number(
      resumed.lines
        .find((line) => line.startsWith('trial 1 starts'))!
        .split(' ')
        .at(-1),
    );
    expect(start).toBeGreaterThanOrEqual(4);
    const trial = await readTrial(app, resumed, 1);
    expect(trial.attempts.map(({ outcome }) => outcome)).toEqual(['expired', 'reported']);
    // What the killed program measured is kept, and the second one measured only what was left.
    expect(trial.attempts[0]!.values).toEqual(expect.arrayContaining(left.attempts[0]!.values));
    expect(trial.attempts[1]!.values[0]!.step).toBe(start + 1);
    expect(trial.attempts[1]!.values.at(-1)!.step).toBe(8);

    const whole = await runExample([...args, '--study', 'without-kill']);
    const same = await readTrial(app, whole, 1);
    expect([same.point, same.value]).toEqual([trial.point, trial.value]);
    expect(whole.lines.at(-1)).toMatch(/^best: /);
  },
  120_000,
);
