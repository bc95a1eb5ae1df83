import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { formatTrialsCsv, listCurveRows } from '@gradsmith/contract';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, onTestFinished, test } from 'vitest';
import { curveColumns, formatParquet, listTrialColumns, toTrialRow } from '../src/index.ts';
import { findProgram } from './find-program.ts';
import { collect, iterate, job, join, trials } from './sample-job.ts';

const pyarrow = findProgram('pyarrow');

async function writeTrials(): Promise<Buffer> {
  const rows = iterate(trials.map((trial) => toTrialRow(job, trial)));
  return join(formatParquet(listTrialColumns(job, ['loss', 'worst fold']), rows));
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

test('writes trials with typed columns, and nothing where a trial has no value', async () => {
  const rows = await parquetReadObjects({ file: toArrayBuffer(await writeTrials()) });
  expect(rows).toHaveLength(trials.length);
  expect(Object.keys(rows[0]!).at(-1)).toBe('feasible');
  expect(rows[0]).toEqual({
    id: '0',
    role: 'search',
    number: 0n,
    state: 'complete',
    value: 0.25,
    feasible: true,
    source: 'model',
    seed: 1n,
    attempts: 2n,
    createdAt: new Date('2026-11-29T10:00:01Z'),
    settledAt: new Date('2026-11-29T10:01:00Z'),
    reason: null,
    'point.lr': 0.001,
    'point.layers': 3n,
    'point.dropout': 0.2,
    'point.optimizer': 'adam',
    'point.momentum': null,
    'point.mixed': 'two',
    'point.amp': true,
    'point.seed': 7,
    'metric.loss': 9,
    'metric.worst fold': 0.5,
  });
  expect(rows[1]).toMatchObject({ 'point.momentum': 0.5, 'point.mixed': '1', 'metric.worst fold': null });
  expect(rows[5]).toMatchObject({ state: 'pending', value: null, settledAt: null });
});

test('has the columns of the CSV, in the same order', async () => {
  const columns = { parameters: [...job.parameters.keys()], metrics: ['loss'] };
  const [header] = await collect(formatTrialsCsv([], columns));
  const names = listTrialColumns(job, ['loss']).map(({ name }) => name);
  expect(names.join(',')).toBe(header!.trim());
});

test('writes a group of rows at a time, each with its share of the file', async () => {
  const rows = async function* (): AsyncGenerator<object> {
    for (let step = 0; step < 25_000; step++)
      yield { trial: '0', role: 'search', number: 0, attempt: 1, series: 'loss', step, value: step / 2 };
  };
  const parts = await collect(formatParquet(curveColumns, rows()));
  expect(parts).toHaveLength(4);
  const file = toArrayBuffer(Buffer.concat(parts));
  expect(parquetMetadata(file).row_groups.map(({ num_rows: count }) => Number(count))).toEqual([10_000, 10_000, 5_000]);
  const [row] = await parquetReadObjects({ file, rowStart: 24_999, rowEnd: 25_000 });
  expect(row).toMatchObject({ step: 24_999n, value: 12_499.5 });
});

test('writes a file without rows', async () => {
  const file = await join(formatParquet(curveColumns, listCurveRows(job, iterate([]))));
  expect(await parquetReadObjects({ file: toArrayBuffer(file) })).toEqual([]);
});

test.skipIf(!pyarrow)('is read by pyarrow', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'gradsmith-exports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(joinPath(folder, 'trials.parquet'), await writeTrials());
  const code =
    'import pyarrow.parquet as pq, sys, json\n' +
    't = pq.read_table(sys.argv[1])\n' +
    'print(json.dumps([{f.name: str(f.type) for f in t.schema}, t.to_pylist()], default=str))';
  const text = execFileSync(pyarrow!, ['-c', code, joinPath(folder, 'trials.parquet')], { encoding: 'utf8' });
  const [types, rows] = JSON.parse(text) as [Record<string, string>, Record<string, unknown>[]];
  expect(types).toMatchObject({ id: 'string', number: 'int64', value: 'double', 'point.amp': 'bool' });
  expect(types.createdAt).toMatch(/^timestamp/);
  expect(rows[1]).toMatchObject({ state: 'complete', value: 0.125, 'point.momentum': 0.5, 'point.mixed': '1' });
});
