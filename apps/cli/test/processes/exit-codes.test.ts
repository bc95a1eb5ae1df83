import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJob, steerJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { freePort } from '@gradsmith/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/embedded/open.ts';
import { exitCodeMeanings, exitCodes, type ExitCode } from '../../src/exit-codes.ts';
import { describeError } from '../../src/failure.ts';
import { folder, gaussians, gradsmith, jobFile, remove } from '../support.ts';

const CANCELLED = 'job_00000000000000000001';
const PATIENCE_MS = 60_000;

interface Case {
  what: string;
  args: string[];
  env?: Record<string, string>;
  code: ExitCode;
  /** Stable name in `--json`; null if the command succeeds. */
  name: string | null;
  message: RegExp;
}

const cases: Case[] = [
  { what: 'a look at a job', args: ['status', CANCELLED], code: exitCodes.done, name: null, message: /^$/ },
  { what: 'a job that was cancelled', args: ['watch', CANCELLED], code: exitCodes.failed, name: null, message: /^$/ },
  {
    what: 'an option that is none',
    args: ['jobs', '--what'],
    code: exitCodes.usage,
    name: 'usage',
    message: /unknown option '--what'/,
  },
  {
    what: 'a count that is none',
    args: ['jobs', '--limit', '0'],
    code: exitCodes.usage,
    name: 'usage',
    message: /whole number of at least 1/,
  },
  {
    what: 'more slots than a machine can have',
    args: ['run', 'good.json', '--slots', '100000'],
    code: exitCodes.usage,
    name: 'usage',
    message: /whole number from 1 to 256/,
  },
  {
    what: 'a report in place of another file, before the run',
    args: ['run', 'good.json', '--report', 'good.json'],
    code: exitCodes.refused,
    name: 'refused',
    message: /good\.json exists and is not a report/,
  },
  {
    what: 'a report in a folder that is not there, before the run',
    args: ['run', 'good.json', '--report', 'none/report.html'],
    code: exitCodes.notFound,
    name: 'not-found',
    message: /The folder none does not exist/,
  },
  {
    what: 'a smaller budget',
    args: ['extend', CANCELLED, '1'],
    code: exitCodes.usage,
    name: 'invalid-input',
    message: /trials: must be more than 3, the budget of the job, .*; not 1/,
  },
  {
    what: 'a trial without its job',
    args: ['trials', '7'],
    code: exitCodes.notFound,
    name: 'not-found',
    message: /has no job 7\.[^]*If trial 7 is meant, name its job first: gradsmith trials JOB 7/,
  },
  {
    what: 'a trial that is not there',
    args: ['trials', CANCELLED, '99'],
    code: exitCodes.notFound,
    name: 'not-found',
    message: /has no trial 99; it has no search trials yet/,
  },
  {
    what: 'a command that is none',
    args: ['juggle'],
    code: exitCodes.usage,
    name: 'usage',
    message: /unknown command 'juggle'/,
  },
  {
    what: 'a job file with faults',
    args: ['validate', 'bad.json'],
    code: exitCodes.usage,
    name: 'invalid-input',
    message: /^bad\.json:1:\d+: objective\.epochs: /m,
  },
  {
    what: 'a job file that is no YAML',
    args: ['run', 'broken.yaml'],
    code: exitCodes.usage,
    name: 'invalid-input',
    message: /^broken\.yaml:2:1: cannot be read/m,
  },
  {
    what: 'no service where one is needed',
    args: ['submit', 'good.json'],
    code: exitCodes.usage,
    name: 'no-server',
    message: /gradsmith run good\.json/,
  },
  {
    what: 'removing without --yes',
    args: ['delete', CANCELLED],
    code: exitCodes.usage,
    name: 'not-confirmed',
    message: /--yes/,
  },
  {
    what: 'a job that is not there',
    args: ['status', 'job_ffffffffffffffffffff'],
    code: exitCodes.notFound,
    name: 'not-found',
    message: /job_ffffffffffffffffffff/,
  },
  {
    what: 'a label that is none',
    args: ['jobs', '--label', 'team=vision'],
    code: exitCodes.usage,
    name: 'usage',
    message: /key:value/,
  },
  {
    what: 'a name no job has',
    args: ['best', 'nobody'],
    code: exitCodes.notFound,
    name: 'not-found',
    message: /gradsmith jobs lists all/,
  },
  {
    what: 'a folder without a ledger',
    args: ['jobs', '--data', 'elsewhere'],
    code: exitCodes.notFound,
    name: 'no-ledger',
    message: /--data FOLDER/,
  },
  {
    what: 'a file that is not there',
    args: ['validate', 'none.yaml'],
    code: exitCodes.notFound,
    name: 'no-job-file',
    message: /gradsmith init none\.yaml/,
  },
  {
    what: 'no best point yet',
    args: ['best', CANCELLED],
    code: exitCodes.notFound,
    name: 'no-best',
    message: /no complete trial/,
  },
  {
    what: 'a service that is away',
    args: ['jobs', '--server', 'AWAY'],
    code: exitCodes.unavailable,
    name: 'server-away',
    message: /docker compose up/,
  },
  {
    what: 'a Redis that is away',
    args: ['worker', '--redis', 'redis://127.0.0.1:1'],
    code: exitCodes.unavailable,
    name: 'ledger-unavailable',
    message: /correct --redis/,
  },
  {
    what: 'a Redis that is away, with empty variables, which count as not set',
    args: ['worker', '--redis', 'redis://127.0.0.1:1'],
    env: { GRADSMITH_BACKEND: '', GRADSMITH_GPU: '', GRADSMITH_SLOTS: '', GRADSMITH_CACHE: '' },
    code: exitCodes.unavailable,
    name: 'ledger-unavailable',
    message: /correct --redis/,
  },
  {
    what: 'a folder of modules that is not there',
    args: ['worker', '--redis', 'redis://127.0.0.1:1', '--modules', 'elsewhere'],
    code: exitCodes.usage,
    name: 'modules',
    message: /elsewhere cannot be read/,
  },
  {
    what: 'an unknown use of GPUs in the environment',
    args: ['worker', '--redis', 'redis://127.0.0.1:1'],
    env: { GRADSMITH_GPU: 'maybe' },
    code: exitCodes.usage,
    name: 'usage',
    message: /'maybe' from env 'GRADSMITH_GPU' is invalid. Allowed choices are auto, lease, require/,
  },
  {
    what: 'a data set that is not in the cache',
    args: ['run', 'mnist.json', '--cache', 'nothing-here'],
    code: exitCodes.refused,
    name: 'data-set-missing',
    message:
      /^gradsmith: The data set mnist is not in nothing-here\. Fetch it once with "gradsmith data mnist[^\n]*\n$/,
  },
  {
    what: 'a file that would be overwritten',
    args: ['init', 'good.json'],
    code: exitCodes.refused,
    name: 'file-exists',
    message: /left as it is/,
  },
  {
    what: 'a move the state does not allow',
    args: ['resume', CANCELLED],
    code: exitCodes.refused,
    name: 'conflict',
    message: /cancelled/,
  },
];

describe('exit codes, for people and for programs', () => {
  const cwd = folder(true);
  let away = '';

  beforeAll(async () => {
    jobFile(cwd, gaussians(), 'good.json');
    jobFile(cwd, gaussians({ epochs: 0 }), 'bad.json');
    const dataset = { name: 'mnist', train: 200, validation: 50 };
    const training = JSON.parse(gaussians());
    jobFile(cwd, JSON.stringify({ ...training, objective: { ...training.objective, dataset } }), 'mnist.json');
    writeFileSync(join(cwd, 'broken.yaml'), 'name: x\nname: y\n');
    away = `http://127.0.0.1:${await freePort()}`;
    const ledger = await openLedger(join(cwd, 'gradsmith-data'));
    await createJob(ledger, CANCELLED, parseJob(JSON.parse(gaussians())));
    await steerJob(ledger, CANCELLED, 'cancel', null);
    await ledger.close();
  });
  afterAll(() => remove(cwd));

  test.each(cases)(
    '$code: $what',
    async ({ args, env, code, name, message }) => {
      const given = args.map((arg) => arg.replace('AWAY', away));
      const [text, json] = await Promise.all([
        gradsmith(given, { cwd, env }),
        gradsmith([...given, '--json'], { cwd, env }),
      ]);
      expect([text.code, json.code], text.stderr).toEqual([code, code]);
      expect(text.stderr).toMatch(message);
      expect(`${text.stdout}${text.stderr}`).not.toContain('    at ');
      if (name !== null) expect(text.stderr).toMatch(/^gradsmith: /);
      if (name === null) {
        for (const line of json.stdout.trim().split('\n')) JSON.parse(line);
        return;
      }
      // Standard error has one line, the error.
      expect(json.stdout).toBe('');
      expect(json.stderr.match(/\n/g)).toHaveLength(1);
      expect(JSON.parse(json.stderr).error).toMatchObject({ exitCode: code, code: name });
    },
    PATIENCE_MS,
  );

  test('70: names a fault of gradsmith itself as one', () => {
    expect(describeError(new TypeError('x is not a function'))).toMatchObject({
      exitCode: exitCodes.fault,
      code: 'fault',
      message: expect.stringContaining('GRADSMITH_DEBUG=1'),
    });
  });

  test('has a meaning in the help and a case here for every code; 130 is tested with interrupted runs', () => {
    const tried = new Set<number>([...cases.map(({ code }) => code), exitCodes.fault, exitCodes.interrupted]);
    expect([...tried].sort((a, b) => a - b)).toEqual(Object.keys(exitCodeMeanings).map(Number));
    expect(Object.values(exitCodes).sort((a, b) => a - b)).toEqual(Object.keys(exitCodeMeanings).map(Number));
  });
});

test('--version prints the version and nothing else', async () => {
  expect(await gradsmith(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' });
});
