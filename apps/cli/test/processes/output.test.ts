import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toJobStatus, type TrialResource } from '@gradsmith/contract';
import { createJob, readJobStatus, steerJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/embedded/open.ts';
import { renderFrame } from '../../src/follow/frame.ts';
import { allCommands, formatCall, makeProgram } from '../../src/program.ts';
import { table } from '../../src/text/table.ts';
import { cleanEnv, folder, gaussians, gradsmith, jobFile, main } from '../support.ts';

const ESCAPE = '\u001B';
const PATIENCE_MS = 60_000;

test("every command takes --json, but for the one that prints a shell's script", () => {
  const without = allCommands(makeProgram()).filter(({ options }) => !options.some(({ long }) => long === '--json'));
  expect(without.map(formatCall)).toEqual(['gradsmith completion']);
});

/** Runs the command on a terminal, by script(1) of util-linux, and returns its output. */
async function onTerminal(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  const { stdout } = await promisify(execFile)('script', ['--quiet', '--command', command, '/dev/null'], {
    env: cleanEnv({ TERM: 'xterm-256color', ...env }),
  });
  return stdout;
}

describe.skipIf(process.platform !== 'linux')('on a terminal', () => {
  test(
    'prints colors on a terminal that has them, unless NO_COLOR is set, and none in a pipe',
    async () => {
      const [terminal, uncolored, dumb, pipe] = await Promise.all([
        onTerminal(['--help']),
        onTerminal(['--help'], { NO_COLOR: '1' }),
        onTerminal(['--help'], { TERM: 'dumb' }),
        gradsmith(['--help'], { env: { TERM: 'xterm-256color' } }),
      ]);
      expect(terminal).toContain(`${ESCAPE}[1m`);
      for (const text of [uncolored, dumb, pipe.stdout]) {
        expect(text).not.toContain(ESCAPE);
        expect(text).toContain('Exit codes:');
      }
    },
    PATIENCE_MS,
  );

  test(
    'watch takes its own screen and gives the old one back; with --plain or in a pipe it writes lines',
    async () => {
      const data = folder();
      const id = 'job_00000000000000000001';
      const ledger = await openLedger(data);
      await createJob(ledger, id, parseJob(JSON.parse(gaussians())));
      await steerJob(ledger, id, 'cancel', null);
      await ledger.close();
      const args = ['watch', id, '--data', data];
      // It ends with 1, as the job was cancelled.
      const shown = await onTerminal([...args]);
      expect(shown.indexOf(`${ESCAPE}[?1049h`)).toBeGreaterThanOrEqual(0);
      expect(shown.lastIndexOf(`${ESCAPE}[?1049l`)).toBeGreaterThan(shown.indexOf('two-gaussians'));
      expect(shown.slice(shown.lastIndexOf(`${ESCAPE}[?1049l`))).toContain('state     cancelled');
      expect(await onTerminal([...args, '--plain'])).not.toContain(`${ESCAPE}[?1049h`);
      const { stdout, stderr } = await gradsmith(args);
      expect(stdout).toMatch(/^job job_0{19}1 \(two-gaussians\) is cancelled, budget 3\n/);
      expect(stderr).toBe('');
    },
    PATIENCE_MS,
  );
});

test(
  'completion offers commands, options, choices and files',
  async () => {
    const offered = async (...words: string[]): Promise<string[]> =>
      (await gradsmith(['__complete', '--', ...words])).stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0]!);
    expect(await offered('wa')).toEqual(['watch', ':nofiles']);
    expect(await offered('trials', '--sort', '')).toEqual(['number', 'value', ':nofiles']);
    expect(await offered('init', '--tem')).toEqual(['--template', ':nofiles']);
    expect((await offered('run', '')).at(-1)).toBe(':files');
  },
  PATIENCE_MS,
);

test(
  'jobs are listed by label from a folder',
  async () => {
    const data = folder();
    const ledger = await openLedger(data);
    const job = JSON.parse(gaussians());
    for (const [id, labels] of Object.entries({
      job_00000000000000000001: { team: 'vision' },
      job_00000000000000000002: { team: 'text', draft: 'yes' },
    }))
      await createJob(ledger, id, parseJob({ ...job, labels }));
    await ledger.close();
    const listed = async (...args: string[]): Promise<string[]> =>
      JSON.parse((await gradsmith(['jobs', '--json', ...args])).stdout).items.map(({ id }: { id: string }) =>
        id.at(-1),
      );
    expect(await listed('--data', data, '--label', 'team:vision')).toEqual(['1']);
    expect(await listed('--data', data, '--label', 'team', '--label', 'draft')).toEqual(['2']);
    expect(await listed('--data', data)).toEqual(['2', '1']);
    expect(await listed('--data', data, '--sort', 'createdAt')).toEqual(['1', '2']);
    expect(await listed('--data', data, '--sort', '-best')).toHaveLength(2);
  },
  PATIENCE_MS,
);

test(
  'the best trials come first by value, those cut short last',
  async () => {
    const where = folder();
    // Long enough that a decision to prune arrives before the training is finished.
    const job = JSON.parse(gaussians({ trials: 10, epochs: 400 }));
    jobFile(where, JSON.stringify({ ...job, search: { ...job.search, pruning: 'asha' } }));
    expect((await gradsmith(['run', 'job.json'], { cwd: where })).code).toBe(0);
    const { items } = JSON.parse(
      (await gradsmith(['trials', '--role', 'search', '--sort', 'value', '--json'], { cwd: where })).stdout,
    ) as { items: { state: string; value: number }[] };
    const cutShort = items.filter(({ state }) => state === 'pruned').length;
    expect(cutShort).toBeGreaterThan(0);
    const whole = items.slice(0, items.length - cutShort);
    expect(whole.map(({ state }) => state)).not.toContain('pruned');
    expect(whole.map(({ value }) => value)).toEqual(whole.map(({ value }) => value).sort((a, b) => a - b));
  },
  PATIENCE_MS,
);

function renderLines(snapshot: Parameters<typeof renderFrame>[0]): string[] {
  const options = { columns: 80, rows: 24, now: Date.now(), steps: 0, trouble: null, activity: null, footer: '' };
  return renderFrame(snapshot, options).map((line) => line.map(({ text }) => text).join(''));
}

test('the live view names the workers that can run the job, not those the service has for others', async () => {
  const ledger = await openLedger(folder());
  const spec = parseJob(JSON.parse(gaussians()));
  await createJob(ledger, 'job_w', spec);
  const status = { ...toJobStatus(await readJobStatus(ledger, 'job_w', [])), runtime: 'wasm', workers: 1 };
  await ledger.close();
  const worker = (name: string, runtime: string, busy: string[]) => ({ name, runtime, slots: 2, busy });
  const workers = [
    worker('lab', 'wasm', ['job_w/0']),
    worker('lab', 'module-quadratic', []),
    worker('gpu', 'tensorflow', ['job_x/1']),
  ];
  const snapshot = { status, spec, trials: [], fresh: [], workers, done: 0, total: 3, msLeft: null };
  const lines = renderLines(snapshot);
  expect(lines.find((line) => line.startsWith('workers'))).toBe('workers    1  lab 1/2');
});

test('the live view and tables take more trials than a call can have arguments', async () => {
  const ledger = await openLedger(folder());
  const spec = parseJob(JSON.parse(gaussians()));
  await createJob(ledger, 'job_w', spec);
  const status = toJobStatus(await readJobStatus(ledger, 'job_w', []));
  await ledger.close();
  const trials = Array.from(
    { length: 200_000 },
    (_, i) =>
      ({
        id: String(i),
        role: 'search',
        number: i,
        state: 'complete',
        value: i / 1000,
        attempts: [],
        settledAt: '',
        point: {},
      }) as Partial<TrialResource> as TrialResource,
  );
  const snapshot = { status, spec, trials, fresh: [], workers: [], done: 0, total: 3, msLeft: null };
  const lines = renderLines(snapshot);
  expect(lines.find((line) => line.startsWith('values'))).toMatch(/0 to 200$/);
  expect(table(trials, [{ title: 'trial', cell: ({ id }) => id }]).at(-1)).toBe('199999');
});
