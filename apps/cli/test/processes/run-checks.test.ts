import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJob, listJobs } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openLedger } from '../../src/embedded/open.ts';
import { exitCodes } from '../../src/exit-codes.ts';
import { folder, gaussians, gradsmith, jobFile, root } from '../support.ts';

const PATIENCE_MS = 60_000;

const change = (changes: object): object => ({ ...JSON.parse(gaussians()), ...changes });
const readExample = (name: string): object => parse(readFileSync(join(root, 'examples', name), 'utf8'));

const refused: { what: string; job: object; args?: string[]; message: RegExp }[] = [
  {
    what: 'labels, which the slots of this machine do not have',
    job: change({ workers: { labels: ['lab', 'big'] } }),
    message: /workers\.labels: the slots of gradsmith run have no labels, and the job asks for lab, big; leave /,
  },
  {
    what: 'a device on which the backend of this machine does not run',
    job: change({ workers: { device: 'gpu' }, objective: { ...JSON.parse(gaussians()).objective, backend: 'wasm' } }),
    message: /workers\.device: the job asks for gpu, and the backend of this machine, wasm, runs on cpu; leave /,
  },
  {
    what: 'the labels of a module',
    job: { ...readExample('quadratic.yaml'), workers: { labels: ['lab'] } },
    args: ['--modules', join(root, 'examples/modules')],
    message: /workers\.labels: /,
  },
  { what: 'an external objective', job: readExample('external.yaml'), message: /objective\.kind: / },
  {
    what: 'a module without its folder',
    job: readExample('quadratic.yaml'),
    message: /objective\.module: say with --modules/,
  },
];

test.each(refused)(
  'run refuses $what, and leaves no job behind',
  async ({ job, args = [], message }) => {
    const where = folder();
    jobFile(where, JSON.stringify(job));
    const { code, stderr } = await gradsmith(['run', 'job.json', '--slots', '1', ...args], { cwd: where });
    expect([code, stderr]).toEqual([exitCodes.usage, expect.stringMatching(message)]);
    const ledger = await openLedger(join(where, 'gradsmith-data'));
    expect((await listJobs(ledger, { limit: 5 })).items).toEqual([]);
    await ledger.close();
  },
  PATIENCE_MS,
);

test(
  'run says once that it sends no webhooks',
  async () => {
    const where = folder();
    const webhooks = [{ url: 'https://example.com/x' }];
    jobFile(where, JSON.stringify(change({ webhooks, search: { algorithm: 'random', trials: 1 } })));
    const args = ['run', 'job.json', '--slots', '1', '--no-report'];
    const text = 'gradsmith run sends no webhooks; submit the job to a service if you need them\n';
    expect(await gradsmith(args, { cwd: where })).toMatchObject({ code: 0, stderr: expect.stringContaining(text) });
    expect(await gradsmith(args, { cwd: where })).toMatchObject({ code: 0, stderr: '' });
  },
  PATIENCE_MS,
);

test(
  'run refuses a job of the ledger that asks for labels, too',
  async () => {
    const where = folder();
    const job = change({ workers: { labels: ['lab'] } });
    const ledger = await openLedger(join(where, 'gradsmith-data'));
    await createJob(ledger, 'job_00000000000000000001', parseJob(job));
    await ledger.close();
    const { code, stderr } = await gradsmith(['run', 'job_00000000000000000001', '--slots', '1'], { cwd: where });
    expect([code, stderr]).toEqual([exitCodes.usage, expect.stringMatching(/workers\.labels: /)]);
  },
  PATIENCE_MS,
);
