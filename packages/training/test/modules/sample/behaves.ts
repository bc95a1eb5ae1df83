import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface Context {
  trial: number;
  seed: number;
  options: { pidFile?: string };
  report(step: number, value: number): Promise<void>;
  signal: AbortSignal;
}

/** Behaves as the parameter `how` says. */
export default async function behave(
  { how, x = 0 }: { how: string; x?: number },
  { trial, seed, options, report, signal }: Context,
): Promise<unknown> {
  if (options.pidFile !== undefined) writeFileSync(options.pidFile, String(process.pid));
  switch (how) {
    case 'number':
      return x;
    case 'metrics':
      return { value: x, metrics: { trial, seed } };
    case 'compiled':
      return readdirSync(process.env.NODE_COMPILE_CACHE!, { recursive: true }).length;
    case 'age':
      await sleep(x);
      return process.uptime() * 1000;
    case 'nan':
      return NaN;
    case 'text':
      return 'good';
    case 'long-text':
      return ['x'.repeat(1000), ...Array.from({ length: 50 }, () => 1)];
    case 'big':
      return { value: 1, metrics: { big: 1n } };
    case 'long':
      return { value: 1, weights: 'x'.repeat(2 ** 20) };
    case 'more':
      return { value: 1, loss: 2 };
    case 'throw':
      throw new RangeError('out of luck');
    case 'exit':
      return process.exit(3);
    case 'quiet-exit':
      return process.exit(0);
    case 'late-throw':
      return new Promise(() =>
        setTimeout(() => {
          throw new Error('from a timer');
        }, 5),
      );
    case 'junk':
      process.send!({ type: 'result', outcome: 'best', found: null });
      return new Promise(() => {});
    case 'leave': {
      // A child process that would outlive the module and holds its error stream.
      const { pid } = spawn('sleep', ['300'], { stdio: ['ignore', 'ignore', 'inherit'] });
      writeFileSync(options.pidFile!, String(pid));
      return x ? process.exit(0) : new Promise(() => {});
    }
    case 'daemon': {
      // Leaves the process group and the session; its parent exits at once.
      const script = `setsid sleep 300 >/dev/null 2>&1 & echo $! > "$1.new" && mv "$1.new" "$1"`;
      const shell = spawn('sh', ['-c', script, 'sh', `${options.pidFile}.daemon`], { detached: true, stdio: 'ignore' });
      await new Promise((resolve) => shell.once('exit', resolve));
      return x || new Promise(() => {});
    }
    case 'start-programs':
      // Never yields, so it starts a program even while its process is being killed. The programs end after 20 s.
      for (;;) {
        spawn('sleep', ['20', `0.${x}`], { detached: true, stdio: 'ignore' });
        for (const next = performance.now() + 5; performance.now() < next;);
      }
    case 'spin':
      for (;;);
    case 'wait':
      return new Promise(() => {});
    case 'signals':
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(7)));
    case 'bad-report':
      await report(0.5, 1);
      return 0;
    case 'nan-report':
      await report(6, 1);
      await report(7, Number.NaN);
      return 0;
    case 'caught-nan':
      await report(6, 1);
      await report(7, Number.NaN).catch(() => {});
      return 0;
    case 'far-report':
      await report(2 ** 53, 1);
      return 0;
    case 'unordered': {
      const reports = [
        [0, 9],
        [5, 1],
        [3, 2],
        [5, 1],
        [5, 7],
        [Number.MAX_SAFE_INTEGER, 3],
      ] as const;
      for (const [step, value] of reports) await report(step, value);
      return 4;
    }
    case 'completes':
      // Is asked to stop, but measures to the end.
      await report(1, 8);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await report(2, 9).catch(() => {});
      return { value: 7, outcome: 'complete' };
    case 'reports':
      for (let step = 1; step <= 1000; step++) {
        await report(step, step / 2);
        if (step >= 3) await sleep(1);
      }
      return 500;
    default:
      return undefined;
  }
}
