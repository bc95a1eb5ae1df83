import { Command, InvalidArgumentError, Option } from 'commander';
import { sabotages, type SabotageName } from './sabotage.ts';

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
}

interface Given {
  quick?: true;
  trials?: number;
  kills?: number;
  redisKills?: number;
  every: number;
  seed: number;
  minutes?: number;
  sabotage?: SabotageName;
  folder?: string;
  recheck?: string;
}

/** Creates the command line of `pnpm test:chaos`. */
function createCommand(): Command {
  return new Command('pnpm test:chaos')
    .description(
      [
        'Runs API, coordinators, workers and a redis-server on this machine and applies faults: kills, pauses,',
        'network cuts, lost replies, clock jumps. Then checks that the ledger lost nothing and counted nothing twice.',
        'Ends with code 1 if it finds a violation. The same seed creates the same jobs, faults and programs. Their',
        'timing depends on the machine, so the folder of a run keeps everything that is needed to check it again.',
      ].join(' '),
    )
    .option('--quick', '600 trials, 40 process kills, 8 Redis kills: about three minutes')
    .option('--trials <n>', 'continue until N trials are settled (default: 2000)', parseCount)
    .option('--kills <n>', 'and until N processes were killed (default: 60)', parseCount)
    .option('--redis-kills <n>', 'and until Redis was killed N times (default: 12)', parseCount)
    .addOption(
      new Option('--seed <n>', 'of jobs, faults and programs')
        .argParser(parseCount)
        .default(Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')), "today's date as a number"),
    )
    .option('--every <ms>', 'mean pause between two faults; longer means more trials for each fault', parseCount, 900)
    .option('--minutes <n>', 'end after N minutes in any case (default: 60; with --quick 2.5)', parseCount)
    .addOption(new Option('--sabotage <name>', 'switch one safeguard off').choices(Object.keys(sabotages)))
    .option('--folder <path>', 'folder of logs, journals and the ledger (default: a new temporary folder)')
    .option('--recheck <path>', 'check the folder of an earlier run again, without a run')
    .allowExcessArguments(false);
}

/**
 * Reads the options. Prints the help and ends with status 0 if it is asked for.
 *
 * @throws CommanderError that names the option that is unknown or wrong, after it is printed
 */
export function readOptions(
  args: readonly string[],
  write = (text: string) => void process.stderr.write(text),
): Options {
  const command = createCommand().exitOverride().configureOutput({ writeErr: write }).showHelpAfterError();
  // pnpm passes the two dashes that separate its own options.
  command.parse(
    args.filter((arg) => arg !== '--'),
    { from: 'user' },
  );
  const given = command.opts<Given>();
  const quick = given.quick ?? false;
  return {
    trials: given.trials ?? (quick ? 600 : 2_000),
    processKills: given.kills ?? (quick ? 40 : 60),
    redisKills: given.redisKills ?? (quick ? 8 : 12),
    seed: given.seed,
    longestMs: (given.minutes ?? (quick ? 2.5 : 60)) * 60_000,
    faultEveryMs: Math.max(1, given.every),
    sabotage: given.sabotage ?? null,
    folder: given.folder ?? null,
    recheck: given.recheck ?? null,
  };
}

function parseCount(text: string): number {
  const count = text.trim() === '' ? NaN : Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new InvalidArgumentError('It must be a whole number.');
  return count;
}
