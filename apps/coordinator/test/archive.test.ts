import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJob, importJob, jobDocumentSchema, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock, type Log } from '@gradsmith/core/ports';
import { parseJob } from '@gradsmith/core/spec';
import { SqliteStore } from '@gradsmith/embedded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runRetirement } from '../src/archive.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradsmith-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = 'job_00000000000000000000';
const other = 'job_00000000000000000001';
/** Jobs that end in the same millisecond in which the archive looks for them have expired too. */
const keepMs = -1;

/** Creates a ledger with finished jobs. */
async function createFinishedJob(ids: readonly string[] = [id]): Promise<Ledger> {
  const ledger = new Ledger(await SqliteStore.open({ file: join(folder, 'ledger.db') }));
  const spec = parseJob({
    name: 'archived',
    objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { trials: 1 },
  });
  for (const each of ids) {
    await createJob(ledger, each, spec);
    await steerJob(ledger, each, 'cancel');
  }
  return ledger;
}

test('a finished job is written as a document that can be imported again, then removed', async () => {
  const ledger = await createFinishedJob();
  const stop = new AbortController();
  const running = runRetirement({ ledger, clock: systemClock, log: silent, keepMs, folder }, stop.signal);
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([`${id}.json`]);
  const document = jobDocumentSchema.parse(JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')));
  expect(await importJob(ledger, document)).toEqual({ id, created: true });
  await ledger.close();
});

test('archives the other jobs while one cannot be archived, and that one whole once it can be', async () => {
  const ledger = await createFinishedJob([id, other]);
  const archive = join(folder, 'archive');
  // A folder in place of the document makes renaming fail, after the document was written.
  mkdirSync(join(archive, `${id}.json`), { recursive: true });
  const error = vi.fn<Log['error']>();
  const stop = new AbortController();
  const log = { ...silent, error };
  const settings = { ledger, clock: systemClock, log, keepMs, folder: archive, everyMs: 20 };
  const running = runRetirement(settings, stop.signal);
  await vi.waitFor(() => expect(error).toHaveBeenCalled(), 10_000);
  await vi.waitFor(async () => expect(await ledger.findJob(other)).toBeNull(), 10_000);
  expect(await ledger.findJob(id)).not.toBeNull();
  const [details, message] = error.mock.calls[0]!;
  expect(details).toMatchObject({ job: id, folder: archive, err: { code: 'EISDIR' } });
  expect(message).toMatch(/^job not archived, it stays in the ledger: EISDIR: illegal operation on a directory/);
  rmdirSync(join(archive, `${id}.json`));
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  expect(readdirSync(archive).sort()).toEqual([`${id}.json`, `${other}.json`]);
  await ledger.close();
});

test('stops at the first job if the folder cannot be written, and says so', async () => {
  const ledger = await createFinishedJob([id, other]);
  const error = vi.fn<Log['error']>();
  const stop = new AbortController();
  const missing = join(folder, 'missing');
  const settings = { ledger, clock: systemClock, log: { ...silent, error }, keepMs, folder: missing };
  const running = runRetirement(settings, stop.signal);
  await vi.waitFor(() => expect(error).toHaveBeenCalled(), 10_000);
  stop.abort();
  await running;
  expect(error.mock.calls).toEqual([
    [
      expect.objectContaining({ folder: missing, err: expect.objectContaining({ code: 'ENOENT' }) }),
      expect.stringMatching(
        /^finished jobs could not be archived and stay in the ledger: ENOENT.*; check the space and the permissions/,
      ),
    ],
  ]);
  await ledger.close();
});

test('writes a document while it reads the job, because the whole text may be longer than a string', async () => {
  const ledger = await createFinishedJob();
  const { job, spec } = await ledger.readJob(id);
  await ledger.removeJob(id);
  // Three pages of curves.
  const nextNumber = 50;
  await ledger.insertJob(id, { job: { ...job, nextNumber }, spec });
  const sizes: number[] = [];
  const curve = 'A'.repeat(1_000_000);
  ledger.readCurves = async (_, ids) => {
    const [partial] = readdirSync(folder).filter((name) => name.includes('.json.'));
    sizes.push(statSync(join(folder, partial!)).size);
    return ids.map(() => curve);
  };
  const stop = new AbortController();
  const running = runRetirement({ ledger, clock: systemClock, log: silent, keepMs, folder }, stop.signal);
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes.at(-1)).toBeGreaterThan(0.7 * nextNumber * curve.length);
  const { curves } = JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as { curves: object };
  expect(Object.keys(curves)).toHaveLength(nextNumber);
  await ledger.close();
}, 30_000);

test('stops in the middle of a document without a partial file, and archives no other job', async () => {
  const ledger = await createFinishedJob([id, other]);
  const spec = (await ledger.readJob(id)).spec;
  for (const each of [id, other]) {
    const { job } = await ledger.readJob(each);
    await ledger.removeJob(each);
    await ledger.insertJob(each, { job: { ...job, nextNumber: 50 }, spec });
  }
  const stop = new AbortController();
  const partials: string[] = [];
  ledger.readCurves = async (_, ids) => {
    partials.push(...readdirSync(folder).filter((name) => name.includes('.json')));
    stop.abort();
    return ids.map(() => 'A'.repeat(100_000));
  };
  const error = vi.fn<Log['error']>();
  const log = { ...silent, error };
  await runRetirement({ ledger, clock: systemClock, log, keepMs, folder }, stop.signal);
  expect(partials).toHaveLength(1);
  expect(readdirSync(folder).filter((name) => name.includes('.json'))).toEqual([]);
  expect([await ledger.findJob(id), await ledger.findJob(other)]).not.toContain(null);
  expect(error).not.toHaveBeenCalled();
  await ledger.close();
});

test('removes what killed coordinators left behind, and not what others write now', async () => {
  const ledger = await createFinishedJob();
  const [old, fresh] = [`${id}.json.${crypto.randomUUID()}`, `${id}.json.${crypto.randomUUID()}`];
  for (const name of [old, fresh, 'mine.txt']) writeFileSync(join(folder, name), '{');
  for (const name of [old, 'mine.txt']) utimesSync(join(folder, name), 0, 0);
  const stop = new AbortController();
  const running = runRetirement({ ledger, clock: systemClock, log: silent, keepMs, folder }, stop.signal);
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  const names = readdirSync(folder);
  expect([names.includes(old), names.includes(fresh), names.includes('mine.txt')]).toEqual([false, true, true]);
  await ledger.close();
});
