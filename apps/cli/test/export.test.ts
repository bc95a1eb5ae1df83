import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJob, importJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { freePort } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { exportMlflow } from '../src/export/export-mlflow.ts';
import { exportTensorboard } from '../src/export/export-tensorboard.ts';
import type { FileFormat } from '../src/export/file-formats.ts';
import { formatExport } from '../src/export/format-export.ts';
import { readTrialDetails } from '../src/export/read-details.ts';
import { refuseFlood, writeFile } from '../src/export/write-file.ts';
import { EmbeddedHost } from '../src/hosts/embedded-host.ts';
import { readAllTrials, type Host } from '../src/hosts/host.ts';
import { readDocumentFile } from '../src/source.ts';
import { folder, gradsmith } from './support.ts';

const external = {
  name: 'columns',
  objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
  space: { zeta: { type: 'float', low: 0, high: 1 }, alpha: { type: 'int', low: 1, high: 9 } },
  search: { trials: 2 },
} as const;

test('writes the CSV columns in the order of the space, as the service does, also without trials', async () => {
  const data = join(folder(), 'data');
  const ledger = await openLedger(data);
  await createJob(ledger, 'job_00000000000000000001', parseJob(external));
  await ledger.close();
  const { code, stdout } = await gradsmith(['export', 'columns', '--format', 'csv', '--data', data]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    'id,role,number,state,value,source,seed,attempts,createdAt,settledAt,reason,point.zeta,point.alpha,feasible\r\n',
  );
});

test('does not add the events of a job to those of another one, also with --force', async () => {
  const data = join(folder(), 'data');
  const events = join(folder(), 'events');
  const ledger = await openLedger(data);
  for (const name of ['first', 'second']) {
    const id = `job_${name.padEnd(20, '0').replaceAll(/[^0-9a-f]/g, 'a')}`;
    await createJob(ledger, id, parseJob({ ...external, name }));
    // The name of an event file has the second in which the job was created.
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
  await ledger.close();
  const write = async (job: string) =>
    gradsmith(['export', job, '--format', 'tensorboard', '-o', events, '--force', '--data', data]);
  expect((await write('first')).code).toBe(0);
  expect((await write('first')).code).toBe(0);
  const files = readdirSync(events);
  const { code, stderr } = await write('second');
  expect(code).toBe(5);
  expect(stderr).toContain('has the events of another job');
  expect(readdirSync(events)).toEqual(files);
});

test('takes a folder or a service, not both', async () => {
  const { code, stderr } = await gradsmith(['jobs', '--data', folder(), '--server', 'http://localhost:1']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('either --data or --server')]);
});

test('does not flood a terminal: a long output goes to a file', () => {
  expect(() => refuseFlood('x'.repeat(9_000), 'gradsmith export job_1')).not.toThrow();
  expect(() => refuseFlood('x'.repeat(2_500_000), 'gradsmith export job_1')).toThrow(
    /2\.5 MB.*\n.*gradsmith export job_1 -o FILE/,
  );
});

/** Opens a ledger that holds an exported job. */
async function openFinishedJob(): Promise<{ host: EmbeddedHost; id: string }> {
  const data = join(folder(), 'data');
  const ledger = await openLedger(data);
  const fixture = new URL('../../../packages/testing/fixtures/exported-job-v1.json', import.meta.url);
  const document = readDocumentFile(fixture.pathname);
  await importJob(ledger, document);
  const host = new EmbeddedHost(ledger, data, false);
  onTestFinished(async () => host.close());
  return { host, id: document.job.id };
}

test('writes event files into a new folder, and into one that is not empty only with --force', async () => {
  const { host, id } = await openFinishedJob();
  const events = join(folder(), 'events');
  const runs = await exportTensorboard(host, id, events, false);
  expect(runs).toBeGreaterThan(0);
  const written = readdirSync(events, { recursive: true }).sort();
  expect(written.filter((name) => String(name).includes('tfevents'))).toHaveLength(runs + 1);
  await expect(exportTensorboard(host, id, events, false)).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringMatching(/events is not empty; .*\nChoose another folder, or add --force/) as string,
  });
  expect(await exportTensorboard(host, id, events, true)).toBe(runs);
  expect(readdirSync(events, { recursive: true }).sort()).toEqual(written);
});

test('says which MLflow server does not answer, and how to name one', async () => {
  const { host, id } = await openFinishedJob();
  const unreachable = `http://127.0.0.1:${await freePort()}`;
  await expect(exportMlflow(host, id, { url: unreachable, experiment: undefined })).rejects.toMatchObject({
    exitCode: 4,
    code: 'mlflow-unreachable',
    message: expect.stringMatching(/does not answer \(ECONNREFUSED\)\.\nStart it \(mlflow server\)/) as string,
  });
  for (const url of [undefined, 'sqlite:///mlruns.db'])
    await expect(exportMlflow(host, id, { url, experiment: undefined })).rejects.toMatchObject({
      exitCode: 2,
      code: 'no-mlflow-server',
    });
});

test('writes each format as a whole file, and leaves nothing of one that fails', async () => {
  const { host, id } = await openFinishedJob();
  const where = folder();
  const trials = await readAllTrials(host, id);
  const countLines = async (format: FileFormat, curves = false): Promise<number> => {
    const file = join(where, format);
    await writeFile(file, formatExport(host, id, { format, curves }));
    return readFileSync(file, 'utf8').trim().split('\n').length;
  };
  expect(await countLines('csv')).toBe(trials.length + 1);
  expect(await countLines('jsonl')).toBe(trials.length);
  expect(await countLines('jsonl', true)).toBeGreaterThan(trials.length);
  expect(await countLines('optuna')).toBe(3 + trials.filter(({ role }) => role === 'search').length);
  await countLines('parquet', true);
  expect(readFileSync(join(where, 'parquet')).subarray(0, 4).toString()).toBe('PAR1');
  const failing = async function* (): AsyncGenerator<string> {
    yield 'a';
    throw new Error('gone');
  };
  await expect(writeFile(join(where, 'failing'), failing())).rejects.toThrow('gone');
  expect(readdirSync(where).sort()).toEqual(['csv', 'jsonl', 'optuna', 'parquet']);
});

test('writes the whole job text by text, because it may be longer than a string', async () => {
  const { host, id } = await openFinishedJob();
  const curve = 'A'.repeat(1_000_000);
  host.ledger.readCurves = async (_, ids) => ids.map(() => curve);
  const texts: string[] = [];
  for await (const text of formatExport(host, id, { format: 'json', curves: false })) texts.push(String(text));
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(1.2 * curve.length);
  expect(texts.join('').endsWith('}\n')).toBe(true);
  const document = await host.document(id);
  expect(Object.keys(document.curves).length).toBeGreaterThan(3);
  expect(JSON.parse(texts.join(''))).toEqual(document);
});

test('reads trials with their curves in order, a few ahead, and waits for a service that limits requests', async () => {
  let open = 0;
  let most = 0;
  let refusals = 3;
  const pauses: number[] = [];
  const pages = Array.from({ length: 3 }, (_, page) =>
    Array.from({ length: 500 }, (__, i) => ({ id: String(page * 500 + i) })),
  );
  const host = {
    trials: async (_: string, { cursor = '0' }: { cursor?: string }) => ({
      items: pages[Number(cursor)],
      next: cursor === '2' ? null : String(Number(cursor) + 1),
    }),
    trial: async (_: string, id: string) => {
      if (id === '700' && refusals-- > 0) throw Object.assign(new Error('too many requests'), { status: 429 });
      most = Math.max(most, ++open);
      await Promise.resolve();
      return { id };
    },
  } as unknown as Host;
  const ids: string[] = [];
  for await (const { id } of readTrialDetails(host, 'job', async (ms) => pauses.push(ms))) {
    open--;
    ids.push(id);
  }
  expect(ids).toEqual(pages.flat().map(({ id }) => id));
  expect(most).toBe(8);
  expect(pauses).toEqual([5_000, 5_000, 5_000]);
});

test('refuses options that do not belong to the format', async () => {
  const { code, stderr } = await gradsmith(['export', '--format', 'tensorboard', '--data', folder()]);
  expect(code).toBe(2);
  expect(stderr).toContain('--format tensorboard writes a folder; name it with -o FOLDER');
});
