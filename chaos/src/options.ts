import { parseArgs } from 'node:util';
import { sabotages, type SabotageName } from './sabotage.ts';

export const help = `Usage: pnpm test:chaos [options]

Runs API, coordinators, workers and a real redis-server on this machine while killing, freezing, cutting and confusing
them, then reads the ledger and the processes' journals and checks that nothing was lost and nothing counted twice.
Ends with code 1 on a violation. The same seed makes the same jobs, faults and manners of programs; how they meet is
up to the machine, so the folder of a run keeps everything needed to check it again.

  --quick              600 trials, 40 process kills, 8 Redis kills: about three minutes
  --trials N           go on until N trials are settled (default 2000)
  --kills N            … and N processes were killed (default 60)
  --redis-kills N      … and Redis was killed N times (default 12)
  --seed N             of jobs, faults and programs (default: today's date as a number)
  --every MS           mean pause between two faults (default 900; longer means more trials for each of them)
  --minutes N          end after N minutes whatever was reached (default 60; quick 2.5)
  --sabotage NAME      with one safeguard off: ${Object.keys(sabotages).join(', ')}
  --folder PATH        where logs, journals and the ledger are kept (default: a new one below the system's temporary folder)
  --recheck PATH       check a folder again, without a run
  --help               this text
`;

export interface Options {
  trials: number;
  processKills: number;
  redisKills: number;
  seed: number;
  longestMs: number;
  faultEveryMs: number;
  sabotage: SabotageName | null;
  folder: string | null;
  recheck: string | null;
  help: boolean;
}

/** Throws with the name of what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      trials: { type: 'string' },
      kills: { type: 'string' },
      'redis-kills': { type: 'string' },
      every: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      sabotage: { type: 'string' },
      folder: { type: 'string' },
      recheck: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const count = (name: keyof typeof values, otherwise: number): number => {
    const text = values[name];
    const number = text === undefined ? otherwise : Number(text);
    if (!Number.isSafeInteger(number) || number < 0)
      throw new Error(`--${name} must be a whole number, not ${String(text)}`);
    return number;
  };
  const sabotage = values.sabotage ?? null;
  if (sabotage !== null && !Object.hasOwn(sabotages, sabotage))
    throw new Error(`--sabotage must be one of ${Object.keys(sabotages).join(', ')}`);
  return {
    trials: count('trials', values.quick ? 600 : 2_000),
    processKills: count('kills', values.quick ? 40 : 60),
    redisKills: count('redis-kills', values.quick ? 8 : 12),
    seed: count('seed', Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''))),
    longestMs: values.quick && values.minutes === undefined ? 150_000 : count('minutes', 60) * 60_000,
    faultEveryMs: Math.max(1, count('every', 900)),
    sabotage: sabotage as SabotageName | null,
    folder: values.folder ?? null,
    recheck: values.recheck ?? null,
    help: values.help,
  };
}
