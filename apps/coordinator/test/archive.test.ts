import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJob, importJob, jobDocumentSchema, steerJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { systemClock } from '@gradsmith/core/ports';
import { type Log } from '@gradsmith/core/ports';
import { parseJob } from '@gradsmith/core/spec';
import { SqliteStore } from '@gradsmith/embedded';
import { afterEach, expect, test, vi } from 'vitest';
import { runRetirement } from '../src/archive.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'gradsmith-archive-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a finished job is written as a document that can be imported again, then removed', async () => {
  const ledger = new Ledger(await SqliteStore.open({ file: join(folder, 'ledger.db') }));
  const id = 'job_00000000000000000000';
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
