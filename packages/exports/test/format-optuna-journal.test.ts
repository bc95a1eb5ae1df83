import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { formatOptunaJournal } from '../src/index.ts';
import { findProgram } from './find-program.ts';
import { collect, createTrial, iterate, job, jobOfTwoObjectives, join, trials } from './sample-job.ts';

const optuna = findProgram('optuna');

test('writes a line for the study, its attributes and each search trial, numbered as they are', async () => {
  const confirm = createTrial(0, { id: 'confirm-0-0', role: 'confirm', number: null });
  const text = (await join(formatOptunaJournal(job, iterate([...trials, confirm])))).toString();
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trim().split('\n');
  const operations = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(operations.map(({ op_code: code }) => code)).toEqual([0, 2, 2, 4, 4, 4, 4, 4, 4]);
  expect(operations[0]).toMatchObject({ study_name: 'sample', directions: [1] });
  expect(operations[3]).toMatchObject({
    state: 1,
    value: 0.25,
    params: { layers: 3, optimizer: 0, mixed: 1, amp: 0, seed: 0 },
    system_attrs: { constraints: [-0.25] },
    intermediate_values: { 1: 0.75, 2: 0.5, 10: 0.25 },
    datetime_complete: '2026-11-29T10:01:00.000+00:00',
  });
  expect(operations[4]).not.toHaveProperty('distributions.none');
  expect(operations[8]).not.toHaveProperty('datetime_complete');
});

test('the range of a parameter with a step ends at its last value', async () => {
  const thirds = { type: 'float', low: 0, high: 1, step: 0.3 } as const;
  const only = { ...job, parameters: new Map([['thirds', thirds]]) };
  const lines = await collect(formatOptunaJournal(only, iterate([createTrial(0, { point: { thirds: 0.9 } })])));
  const { distributions } = JSON.parse(lines[3]!) as { distributions: Record<string, string> };
  const { attributes } = JSON.parse(distributions.thirds!) as { attributes: object };
  // 3 · 0.3 is 0.8999999999999999, and the points have 0.9.
  expect(attributes).toEqual({ low: 0, high: 0.9, step: 0.3, log: false });
});

test('a trial that diverged is failed, because its value is no result', async () => {
  const lines = await collect(formatOptunaJournal(job, iterate([createTrial(0, { state: 'diverged' })])));
  expect(JSON.parse(lines[3]!)).toMatchObject({ state: 3, value: null, user_attrs: { 'gradsmith:value': 0.25 } });
});

test('has the values of several objectives, in their order', async () => {
  const lines = await collect(formatOptunaJournal(jobOfTwoObjectives, iterate(trials.slice(0, 1))));
  const operations = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(operations[0]).toMatchObject({ directions: [2, 1] });
  expect(operations[3]).toMatchObject({ system_attr: { 'study:metric_names': ['worst fold', 'loss'] } });
  expect(operations[4]).toMatchObject({ state: 1, value: null, values: [0.5, 0.25] });
});

test.skipIf(!optuna)('is a study of several objectives with a front', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'gradsmith-optuna-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = joinPath(folder, 'study.log');
  writeFileSync(file, await join(formatOptunaJournal(jobOfTwoObjectives, iterate(trials.slice(0, 1)))));
  const code =
    'import optuna, sys\n' +
    'from optuna.storages.journal import JournalFileBackend\n' +
    'optuna.logging.set_verbosity(optuna.logging.ERROR)\n' +
    'storage = optuna.storages.JournalStorage(JournalFileBackend(sys.argv[1]))\n' +
    's = optuna.load_study(study_name=None, storage=storage)\n' +
    'print(s.metric_names, [t.values for t in s.best_trials], [d.name for d in s.directions])';
  expect(execFileSync(optuna!, ['-c', code, file], { encoding: 'utf8' })).toBe(
    "['worst fold', 'loss'] [[0.5, 0.25]] ['MAXIMIZE', 'MINIMIZE']\n",
  );
});

test.skipIf(!optuna)(
  'is a study of Optuna with the same trials, and Optuna continues it',
  async () => {
    const folder = mkdtempSync(joinPath(tmpdir(), 'gradsmith-optuna-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = joinPath(folder, 'study.log');
    writeFileSync(file, await join(formatOptunaJournal(job, iterate(trials))));
    const script = new URL('read-optuna-journal.py', import.meta.url).pathname;
    const read = JSON.parse(execFileSync(optuna!, [script, file], { encoding: 'utf8' })) as {
      trials: Record<string, unknown>[];
      best: number;
      next: number;
    };
    expect(read.best).toBe(1);
    expect(read.next).toBe(6);
    expect(read.trials.map(({ state }) => state)).toEqual([
      'COMPLETE',
      'COMPLETE',
      'PRUNED',
      'FAIL',
      'RUNNING',
      'RUNNING',
    ]);
    expect(read.trials[0]).toEqual({
      state: 'COMPLETE',
      value: 0.25,
      params: trials[0]!.point,
      intermediate: { 1: 0.75, 2: 0.5, 10: 0.25 },
      attributes: { 'worst fold': 0.5, loss: 9, 'gradsmith:state': 'complete' },
      seconds: 30,
    });
    expect(read.trials[1]).toMatchObject({ params: trials[1]!.point });
    expect(read.trials[3]).toMatchObject({ attributes: { 'gradsmith:reason': 'out of "memory"' } });
  },
  60_000,
);
