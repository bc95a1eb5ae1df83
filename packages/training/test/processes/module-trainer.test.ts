import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCurve, trialResultSchema, type Progress } from '@gradsmith/core/domain';
import { trainingObjectiveSchema } from '@gradsmith/core/objective';
import { TrainerFailed } from '@gradsmith/core/ports';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createModuleTrainers, listModules, ModuleProcesses, ModuleTrainer } from '../../src/modules/index.ts';
import { objective as training } from '../process/objective.ts';

// Starting a process takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const modules = await listModules(fileURLToPath(new URL('../modules/sample', import.meta.url)));

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-modules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

interface Try {
  module?: string;
  x?: number;
  pidFile?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
  prune?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

async function callTrainer(
  how: string,
  {
    module = 'behaves',
    x = 1.5,
    pidFile,
    timeoutMs = 60_000,
    signal = new AbortController().signal,
    prune,
    onProgress = () => {},
  }: Try = {},
  memoryLimit?: number,
) {
  const trainer = new ModuleTrainer({ modules, processes: new ModuleProcesses(memoryLimit) });
  onTestFinished(() => trainer.close());
  const options: Record<string, string> = pidFile ? { pidFile } : {};
  const objective = { kind: 'module' as const, module, options, params: { how, x }, trial: 4, seed: 9 };
  const result = trainer.train({ key: 'job/4', objective, timeoutMs }, { signal, onProgress, prune });
  return trialResultSchema.parse(await result.finally(() => expect(trainer.pid).toBeUndefined()));
}

async function readFailure(running: Promise<unknown>): Promise<string> {
  const error = await running.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof TrainerFailed)) throw new Error(`expected TrainerFailed, got ${String(error)}`);
  return `${error.failure}: ${error.message}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when the module has written its process id. */
async function waitForStart(pidFile: string): Promise<void> {
  await vi.waitUntil(() => isAlive(Number(readFileSync(pidFile, { encoding: 'utf8', flag: 'a+' }) || -1e9)), 20_000);
}

describe('the list of modules', () => {
  test('contains only the files with a valid module name', () => {
    expect([...modules.keys()].sort()).toEqual(['behaves', 'broken', 'no-default', 'plain']);
  });

  test('is refused with a duplicate name or without a module', async () => {
    const folder = tempFolder();
    await expect(listModules(folder)).rejects.toThrow('no module in');
    await expect(listModules(join(folder, 'gone'))).rejects.toThrow(/gone cannot be read \(ENOENT\)/);
    for (const file of ['a.ts', 'a.mjs']) writeFileSync(join(folder, file), '');
    await expect(listModules(folder)).rejects.toThrow('the module a is there twice');
  });
});

describe('a module', () => {
  test('returns its value, its metrics and what is needed to run it again', async () => {
    expect(await callTrainer('number')).toMatchObject({
      outcome: 'complete',
      value: 1.5,
      metrics: {},
      provenance: { module: 'behaves', seed: 9, moduleSha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await callTrainer('metrics')).toMatchObject({ value: 1.5, metrics: { trial: 4, seed: 9 } });
    expect(await callTrainer('', { module: 'plain' })).toMatchObject({ value: 42 });
  });

  test.each([
    ['throw', 'crashed: The module threw RangeError: out of luck (behaves.ts:42)'],
    ['exit', "crashed: The module's process exited with code 3"],
    ['quiet-exit', "crashed: The module's process exited with code 0"],
    ['nan', 'outcome } with finite numbers, but NaN.'],
    ['unknown', 'outcome } with finite numbers, but undefined.'],
    ['text', "finite number nor { value, metrics, outcome } with finite numbers, but 'good'."],
    ['more', 'outcome } with finite numbers, but { value: 1, loss: 2 }.'],
    ['long', 'refused: The module returned more than 1 MiB.'],
    ['big', 'refused: The module returned what cannot be sent as JSON: Do not know how to serialize a BigInt'],
    ['junk', 'refused: The module sent messages on the channel'],
    ['bad-report', 'crashed: The module threw InvalidInput: the report is not valid:\nprogress.step: must be a whole'],
    ['far-report', 'progress.step: must be a whole number from 0 to 9007199254740991, not 9007199254740992'],
    ['nan-report', 'progress.value: at step 7 must be a finite number, not NaN'],
  ])('that does %s fails only its own attempt', async (how, failure) => {
    expect(await readFailure(callTrainer(how))).toContain(failure);
  });

  test('leaves its compiled code for the next process', async () => {
    await callTrainer('number');
    expect((await callTrainer('compiled')).value).toBeGreaterThan(10);
  });

  test('that throws outside its call fails with the text of the error', async () => {
    expect(await readFailure(callTrainer('late-throw'))).toMatch(
      /^crashed: The module's process exited with code 1\n[^]*from a timer/,
    );
  });

  test('that cannot be loaded, or has no function, says so', async () => {
    expect(await readFailure(callTrainer('', { module: 'no-default' }))).toContain(
      'refused: The module has no function',
    );
    expect(await readFailure(callTrainer('', { module: 'broken' }))).toContain('crashed: The module threw SyntaxError');
  });

  test.each([
    ['syntax.ts', 'let a = 1;\nexport default () => ;', 'SyntaxError: Expression expected (syntax.ts:2)'],
    ['syntax.mjs', '\nexport default () => ;', "SyntaxError: Unexpected token ';' (syntax.mjs:2)"],
    [
      'link.ts',
      "\nimport { b } from './help.ts';\nexport default () => b;",
      /SyntaxError: .* named 'b' \(link.ts:2\)$/,
    ],
    ['missing.ts', "import './gone.ts';", "Error: Cannot find module 'gone.ts' imported from missing.ts"],
    ['nested.ts', "import { f } from './help.ts';\nexport default () => f(2);", 'Error: f of 2 (help.ts:2)'],
    ['parse.ts', 'export default () =>\n  JSON.parse("{");', /^SyntaxError: Expected .* \(parse.ts:2\)$/],
    ['text.ts', "export default () => { throw 'a text'; };", 'a text'],
    ['object.ts', 'export default () => { throw { code: 7 }; };', '{ code: 7 }'],
    ['late.ts', '\nexport default async () => {\n  await 1;\n  throw new Error("b");\n};', 'Error: b (late.ts:4)'],
    ['odd.ts', 'export default () => { throw Object.assign(new Error("c"), { stack: 7 }); };', 'Error: c'],
    ['long.ts', 'export default () => { throw new Error("d".repeat(9000)); };', /^Error: d{1950,} \(long.ts:1\)$/],
  ])('names the file and the line of an error: %s', async (name, text, message) => {
    const folder = tempFolder();
    writeFileSync(
      join(folder, 'help.ts'),
      'export const a = 1;\nexport const f = (x: number) => { throw new Error(`f of ${x}`); };',
    );
    writeFileSync(join(folder, name), text);
    const trainer = new ModuleTrainer({ modules: await listModules(folder) });
    onTestFinished(() => trainer.close());
    const objective = {
      kind: 'module' as const,
      module: name.split('.')[0]!,
      options: {},
      params: {},
      trial: 4,
      seed: 9,
    };
    const hooks = { signal: new AbortController().signal, onProgress: () => {} };
    const failure = await readFailure(trainer.train({ key: 'job/4', objective, timeoutMs: 60_000 }, hooks));
    const [, threw] = /^crashed: The module threw ([^]*)$/.exec(failure) ?? [failure, failure];
    if (typeof message === 'string') expect(threw).toBe(message);
    else expect(threw).toMatch(message);
    expect(failure).not.toContain(folder);
    expect(failure.length).toBeLessThan(2_020);
  });

  test('that returns a long value is shown the beginning of it', async () => {
    const failure = await readFailure(callTrainer('long-text'));
    expect(failure).toMatch(/but \[ 'x{100}'\.\.\. 900 more characters, 1, /);
    expect(failure.length).toBeLessThan(400);
  });

  test.each(['spin', 'wait'])('that never returns (%s) is killed at its time limit', async (how) => {
    const pidFile = join(tempFolder(), 'pid');
    expect(await readFailure(callTrainer(how, { timeoutMs: 5000, pidFile }))).toBe(
      'timeout: The module took longer than 5 s.',
    );
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  test.each([
    [1, "crashed: The module's process exited with code 0"],
    [0, 'timeout: The module took longer than 5 s.'],
  ])('takes down the programs that it started (exits by itself: %i)', async (x, failure) => {
    const pidFile = join(tempFolder(), 'pid');
    const start = performance.now();
    expect(await readFailure(callTrainer('leave', { x, timeoutMs: x ? 60_000 : 5000, pidFile }))).toBe(failure);
    expect(performance.now() - start).toBeLessThan(30_000);
    await vi.waitUntil(() => !isAlive(Number(readFileSync(pidFile, 'utf8'))), 5_000);
  });

  describe.skipIf(!existsSync('/proc/self/environ'))(
    'that starts a program in its own session takes it with it',
    () => {
      const readDaemon = (pidFile: string): number => Number(readFileSync(`${pidFile}.daemon`, 'utf8'));
      const waitForDaemon = async (pidFile: string): Promise<number> => {
        await vi.waitUntil(() => existsSync(`${pidFile}.daemon`), 30_000);
        const pid = readDaemon(pidFile);
        expect(isAlive(pid)).toBe(true);
        return pid;
      };
      const expectGone = (pid: number) => vi.waitUntil(() => !isAlive(pid), 10_000);

      test('when it returns', async () => {
        const pidFile = join(tempFolder(), 'pid');
        expect(await callTrainer('daemon', { x: 3, pidFile })).toMatchObject({ value: 3 });
        await expectGone(readDaemon(pidFile));
      });

      test('when it takes too long', async () => {
        const pidFile = join(tempFolder(), 'pid');
        expect(await readFailure(callTrainer('daemon', { x: 0, pidFile, timeoutMs: 6000 }))).toContain('timeout: ');
        await expectGone(readDaemon(pidFile));
      });

      test('when it is cancelled', async () => {
        const pidFile = join(tempFolder(), 'pid');
        const stop = new AbortController();
        const failure = readFailure(callTrainer('daemon', { x: 0, pidFile, signal: stop.signal }));
        const pid = await waitForDaemon(pidFile);
        stop.abort();
        expect(await failure).toContain('cancelled: ');
        await expectGone(pid);
      });

      test('when the worker is killed', async () => {
        const pidFile = join(tempFolder(), 'pid');
        const worker = spawn(process.execPath, [
          fileURLToPath(new URL('../modules/parent.ts', import.meta.url)),
          pidFile,
        ]);
        const pid = await waitForDaemon(pidFile);
        worker.kill('SIGKILL');
        await expectGone(pid);
      });

      // Without a sweep after its end, a module left programs in four of four tries.
      test.each([1, 2])('when the worker is killed while it starts more (%i)', async (x) => {
        const pidFile = join(tempFolder(), 'pid');
        const number = process.pid * 10 + x;
        const parent = fileURLToPath(new URL('../modules/parent.ts', import.meta.url));
        const worker = spawn(process.execPath, [parent, pidFile, 'start-programs', String(number)]);
        const countPrograms = () =>
          spawnSync('pgrep', ['-fc', `^sleep 20 0[.]${number}$`], { encoding: 'utf8' }).stdout.trim();
        await vi.waitUntil(() => Number(countPrograms()) > 3, 30_000);
        const module = Number(readFileSync(pidFile, 'utf8'));
        worker.kill('SIGKILL');
        await expectGone(module);
        await expect.poll(countPrograms, { timeout: 15_000 }).toBe('0');
      });
    },
  );

  test('is killed when it is cancelled', async () => {
    const pidFile = join(tempFolder(), 'pid');
    const stop = new AbortController();
    const failure = readFailure(callTrainer('spin', { signal: stop.signal, pidFile }));
    await waitForStart(pidFile);
    stop.abort();
    expect(await failure).toBe('cancelled: The module was cancelled.');
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  test('that uses too much memory is killed', async () => {
    expect(await readFailure(callTrainer('wait', {}, 1))).toMatch(/^memory: The module's process used \d+ MiB/);
  });

  test.each(['../parent', './plain', 'sample/plain', 'Shared', 'notes', 'plain.mjs', 'constructor', '__proto__'])(
    'that is not listed, %s, is refused',
    async (module) => {
      expect(await readFailure(callTrainer('number', { module }))).toContain(
        `refused: The module ${module} is not among those of this worker`,
      );
    },
  );

  test('is the only kind of objective that its trainer runs', async () => {
    const trainer = new ModuleTrainer({ modules });
    const request = { key: 'job/0', objective: trainingObjectiveSchema.parse(training), timeoutMs: 1000 };
    expect(
      await readFailure(trainer.train(request, { signal: new AbortController().signal, onProgress: () => {} })),
    ).toContain('refused');
  });
});

describe('the process of the next trial', () => {
  const trainer = new ModuleTrainer({ modules });
  afterAll(() => trainer.close());

  /** Ages of the process when the module starts to run and of the call when it ends, ms. */
  async function measureAges(x: number, by = trainer): Promise<{ process: number; call: number }> {
    const start = performance.now();
    const objective = { kind: 'module' as const, module: 'behaves', options: {}, params: { how: 'age', x } };
    const request = { key: 'job/4', objective: { ...objective, trial: 4, seed: 9 }, timeoutMs: 60_000 };
    const { value } = await by.train(request, { signal: new AbortController().signal, onProgress: () => {} });
    return { process: value - x, call: performance.now() - start - x };
  }

  function listProcesses(): number[] {
    const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    return stdout.split('\n').flatMap((line) => (line.includes('module-child') ? [Number.parseInt(line)] : []));
  }

  test('starts during a trial that is not short', async () => {
    const first = await measureAges(1_000);
    expect(first.process).toBeLessThan(first.call);
    const second = await measureAges(0);
    expect(second.process).toBeGreaterThan(second.call);
    // On a busy machine, this trial is not short either.
    if (second.call < 200) expect(listProcesses()).toEqual([]);
  });

  test('is taken by any slot of the module', async () => {
    const [first, second] = createModuleTrainers(modules, 2);
    onTestFinished(async () => void (await Promise.all([first!.close(), second!.close()])));
    // The test before may have left one on a busy machine.
    await vi.waitUntil(() => listProcesses().length === 0, 20_000);
    await measureAges(1_000, first);
    const { process: age, call } = await measureAges(300, second);
    expect(age).toBeGreaterThan(call);
    expect(listProcesses()).toHaveLength(1);
  });

  test('is replaced if it was killed', async () => {
    await measureAges(1_000);
    const [spare, ...others] = listProcesses();
    expect(others).toEqual([]);
    process.kill(spare!, 'SIGKILL');
    await vi.waitUntil(() => listProcesses().length === 0);
    const { process: age, call } = await measureAges(0);
    expect(age).toBeLessThan(call);
  });

  test('ends if it gets no trial, and with its trainer', async () => {
    await measureAges(1_000);
    expect(listProcesses()).toHaveLength(1);
    await vi.waitUntil(() => listProcesses().length === 0, 20_000);
    await measureAges(1_000);
    expect(listProcesses()).toHaveLength(1);
    await trainer.close();
    expect(listProcesses()).toEqual([]);
  });
});

// Loading the schemas took two thirds of the start of a process, and as much again in the thread of its watchdog.
test.each(['modules/module-child.ts', 'process/watchdog.ts', 'process/sweep.ts'])('%s loads no schemas', (file) => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context); } });
    await import(process.argv[1]).catch(() => {});
    process.exit();`;
  const entry = new URL(`../../src/${file}`, import.meta.url).href;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script, entry], { encoding: 'utf8' });
  expect(stdout).toContain(entry);
  expect(stdout).not.toMatch(/zod|objective/);
});

test('a trainer that is closed before its trial has a process starts none', async () => {
  const trainer = new ModuleTrainer({ modules });
  const objective = { kind: 'module' as const, module: 'behaves', options: {}, params: { how: 'age', x: 0 } };
  const request = { key: 'job/4', objective: { ...objective, trial: 4, seed: 9 }, timeoutMs: 60_000 };
  const running = trainer.train(request, { signal: new AbortController().signal, onProgress: () => {} });
  await trainer.close();
  expect(await readFailure(running)).toMatch(/^cancelled/);
});

test('a worker survives that it can open no file to start a process', () => {
  const script = fileURLToPath(new URL('../modules/train-without-files.ts', import.meta.url));
  const command = `ulimit -n 200; exec "${process.execPath}" "${script}" "${modules.get('behaves')}"`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  expect(JSON.parse(stdout || '[]'), stderr).toEqual(['complete', expect.stringMatching(/^TrainerFailed: .* EMFILE$/)]);
});

describe('what a module reports', () => {
  test('is progress at once, and the curve of the trial', async () => {
    const seen: Progress[] = [];
    const { curve, value } = await callTrainer('reports', { onProgress: (progress) => seen.push(progress) });
    expect(value).toBe(500);
    expect(seen).toHaveLength(1000);
    expect(seen.slice(0, 2)).toEqual([
      { step: 1, value: 0.5 },
      { step: 2, value: 1 },
    ]);
    expect(decodeCurve(curve)).toEqual(Float32Array.from({ length: 1000 }, (_, i) => (i + 1) / 2));
  });

  test('throws once the trial is pruned, and the trial has the latest value', async () => {
    const prune = new AbortController();
    const seen: number[] = [];
    const pruned = await callTrainer('reports', {
      prune: prune.signal,
      onProgress: ({ step }) => {
        seen.push(step);
        if (step === 5) prune.abort();
      },
    });
    expect(pruned).toMatchObject({ outcome: 'pruned', value: seen.at(-1)! / 2 });
    expect(seen.at(-1)).toBeLessThan(1000);
  });

  test('at a repeated or an earlier step is ignored', async () => {
    const seen: Progress[] = [];
    const { curve } = await callTrainer('unordered', { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { step: 0, value: 9 },
      { step: 5, value: 1 },
      { step: Number.MAX_SAFE_INTEGER, value: 3 },
    ]);
    expect([...decodeCurve(curve)]).toEqual([9, 1, 3]);
  });

  test('that is refused does not lose the result if the module catches the error', async () => {
    const seen: Progress[] = [];
    expect(await callTrainer('caught-nan', { onProgress: (progress) => seen.push(progress) })).toMatchObject({
      value: 0,
    });
    expect(seen).toEqual([{ step: 6, value: 1 }]);
  });

  test('may prune it, and a result that it returns as complete counts as such', async () => {
    const prune = new AbortController();
    const onProgress = (): void => prune.abort();
    const completed = await callTrainer('completes', { prune: prune.signal, onProgress });
    expect(completed).toMatchObject({ outcome: 'complete', value: 7, metrics: {} });
  });

  test('is not needed to learn of pruning: the signal aborts', async () => {
    const prune = new AbortController();
    const pidFile = join(tempFolder(), 'pid');
    const running = callTrainer('signals', { prune: prune.signal, pidFile });
    await waitForStart(pidFile);
    prune.abort();
    // The module reported nothing, so its return value is the value of the trial.
    expect(await running).toMatchObject({ outcome: 'pruned', value: 7 });
  });
});
