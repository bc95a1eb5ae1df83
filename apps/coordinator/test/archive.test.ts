import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
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

/** Creates a ledger with one finished job. */
async function createFinishedJob(): Promise<Ledger> {
  const ledger = new Ledger(await SqliteStore.open({ file: join(folder, 'ledger.db') }));
  await createJob(
    ledger,
    id,
    parseJob({
      name: 'archived',
      objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
      space: { x: { type: 'float', low: 0, high: 1 } },
      search: { trials: 1 },
    }),
  );
  await steerJob(ledger, id, 'cancel');
  return ledger;
}

test('a finished job is written as a document that can be imported again, then removed', async () => {
  const ledger = await createFinishedJob();
  const stop = new AbortController();
  const running = runRetirement({ ledger, clock: systemClock, log: silent, keepMs: 1, folder }, stop.signal);
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([`${id}.json`]);
  const document = jobDocumentSchema.parse(JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')));
  expect(await importJob(ledger, document)).toEqual({ id, created: true });
  await ledger.close();
});

test('keeps the job while the folder refuses documents, and archives it whole once the folder works', async () => {
  const ledger = await createFinishedJob();
  const archive = join(folder, 'archive');
  // A folder in place of the document makes renaming fail, after the document was written.
  mkdirSync(join(archive, `${id}.json`), { recursive: true });
  const error = vi.fn<Log['error']>();
  const stop = new AbortController();
  const log = { ...silent, error };
  const settings = { ledger, clock: systemClock, log, keepMs: 1, folder: archive, everyMs: 20 };
  const running = runRetirement(settings, stop.signal);
  await vi.waitFor(() => expect(error).toHaveBeenCalled(), 10_000);
  expect(await ledger.findJob(id)).not.toBeNull();
  const [details, message] = error.mock.calls[0]!;
  expect(details).toMatchObject({ folder: archive, err: { code: 'EISDIR' } });
  expect(message).toMatch(/stay in the ledger; check the space and the permissions of the folder/);
  rmdirSync(join(archive, `${id}.json`));
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  expect(readdirSync(archive)).toEqual([`${id}.json`]);
  await ledger.close();
});

test('removes what killed coordinators left behind, and not what others write now', async () => {
  const ledger = await createFinishedJob();
  const [old, fresh] = [`${id}.json.${crypto.randomUUID()}`, `${id}.json.${crypto.randomUUID()}`];
  for (const name of [old, fresh, 'mine.txt']) writeFileSync(join(folder, name), '{');
  for (const name of [old, 'mine.txt']) utimesSync(join(folder, name), 0, 0);
  const stop = new AbortController();
  const running = runRetirement({ ledger, clock: systemClock, log: silent, keepMs: 1, folder }, stop.signal);
  await vi.waitFor(async () => expect(await ledger.findJob(id)).toBeNull(), 10_000);
  stop.abort();
  await running;
  const names = readdirSync(folder);
  expect([names.includes(old), names.includes(fresh), names.includes('mine.txt')]).toEqual([false, true, true]);
  await ledger.close();
});
