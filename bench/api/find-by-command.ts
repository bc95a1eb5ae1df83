import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { computeQuantile } from './load.ts';

const program = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const run = promisify(execFile);

/** A service, and how its jobs are named. */
export interface Place {
  readonly url: string;
  readonly nameOf: (turn: number) => string;
}

export interface CommandTimes {
  /** Of the whole command, from the start of its process, ms. */
  readonly many: number;
  readonly one: number;
}

/**
 * Measures `gradsmith status NAME` as a user runs it, in turns with a service that has many jobs and with one that has
 * one. The start of the process, most of the time, is the same in both, and their difference is the search.
 *
 * @returns medians
 */
export async function measureCommand(many: Place, one: Place, repeats: number): Promise<CommandTimes> {
  const times = { many: [] as number[], one: [] as number[] };
  for (let turn = 0; turn < repeats; turn++) {
    times.many.push(await timeStatus(many, turn));
    times.one.push(await timeStatus(one, turn));
  }
  return { many: computeQuantile(times.many, 0.5)!, one: computeQuantile(times.one, 0.5)! };
}

/** Throws if the command does not show the job. */
async function timeStatus({ url, nameOf }: Place, turn: number): Promise<number> {
  const name = nameOf(turn);
  const start = performance.now();
  const { stdout } = await run(process.execPath, [program, 'status', name, '--server', url]);
  const took = performance.now() - start;
  if (!stdout.includes(name)) throw new Error(`the status of ${name} is not shown:\n${stdout}`);
  return took;
}
