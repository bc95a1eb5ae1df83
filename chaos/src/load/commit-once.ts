// Commits one job to an embedded ledger and writes a line before and after it, for a trace of system calls.
import { writeSync } from 'node:fs';
import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { SqliteStore } from '@gradsmith/embedded';
import { jobSpec } from '@gradsmith/testing';

const store = await SqliteStore.open({ file: process.argv[2]! });
writeSync(1, 'about to commit\n');
await createJob(new Ledger(store), 'job_traced', jobSpec());
writeSync(1, 'committed\n');
await store.close();
