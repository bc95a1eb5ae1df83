import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createJob } from '@gradsmith/core/jobs';
import { type Ledger } from '@gradsmith/core/ledger';
import { MemoryLog } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { chooseEmbeddedJobId, runEmbedded, startSlots, type LocalSlots } from '../src/embedded/run-embedded.ts';
import { EmbeddedHost } from '../src/hosts/embedded-host.ts';
import { readJobFile } from '../src/job-file.ts';
import { folder, gaussians, jobFile } from './support.ts';

/** Runs the job until the run leads it. Returns its lease, and the workers that users see. */
async function runUntilLed(ledger: Ledger, jobId: string, data: string, slots: LocalSlots) {
  const stop = new AbortController();
  const running = runEmbedded({ ledger, jobId, slots, log: new MemoryLog(), signal: stop.signal, onOutage() {} });
  // An error ends the test below.
  running.catch(() => stop.abort());
  const host = new EmbeddedHost(ledger, data, true);
  for (let workers = await host.workers(jobId); ; workers = await host.workers(jobId)) {
    const { lease } = await ledger.readJob(jobId);
    if (workers.length || stop.signal.aborted) {
      stop.abort();
      await running;
      return { lease: lease!, workers };
    }
    await sleep(20);
  }
}

test('gives two runs different leases, even if host name and process id are the same', async () => {
  const data = folder();
  const ledger = await openLedger(data);
  onTestFinished(() => ledger.close());
  const spec = readJobFile(jobFile(data, gaussians({ trials: 500, epochs: 50 })));
  const jobId = await chooseEmbeddedJobId(ledger, spec);
  await createJob(ledger, jobId, spec);
  const options = { dataDir: data, cacheDir: join(data, 'cache'), slots: 1, log: new MemoryLog(), onActivity() {} };
  const run = async () => {
    const slots = await startSlots(jobId, spec, null, options);
    onTestFinished(() => slots.close());
    return runUntilLed(ledger, jobId, data, slots);
  };
  const first = await run();
  const second = await run();
  expect(second.lease.owner).not.toBe(first.lease.owner);
  expect(second.lease.fence).toBe(first.lease.fence + 1);
  expect(second.workers).toMatchObject([{ name: expect.stringMatching(new RegExp(`, process ${process.pid}$`)) }]);
}, 60_000);
