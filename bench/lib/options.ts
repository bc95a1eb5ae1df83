import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option as CommandOption } from 'commander';

/** One option of a benchmark with a value; `initial` is its default. */
export interface Option<T> {
  /** Its value in the help, such as `<n>`. */
  takes: string;
  meaning: string;
  initial: string;
  /** @throws InvalidArgumentError that says which values are accepted */
  parse(text: string): T;
}

export interface Usage<O> {
  /** As it is called, such as `pnpm bench:api`. */
  command: string;
  /** What it does, in a sentence or two, a line each. */
  does: readonly string[];
  /** What `--quick` leaves out. */
  quick: string;
  options: O;
  /** Whole command lines. */
  examples: readonly string[];
}

export type Values<O> = { quick: boolean; json: string | undefined } & {
  [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/**
 * Reads the options of a benchmark. Every benchmark has `--quick`, `--json FILE` and `--help`. Prints the help and ends
 * with status 0 if it is asked for. Ends with status 2 and a message if an option is unknown or wrong.
 */
export function readOptions<const O extends Record<string, Option<unknown>>>(
  usage: Usage<O>,
  args = process.argv.slice(2),
): Values<O> {
  try {
    return parseOptions(usage, args);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    console.error(`${error.message}\n\n${usage.command} --help lists the options.`);
    process.exit(2);
  }
}

/** @throws CommanderError that names the option, or after the help is printed (with exit code 0) */
export function parseOptions<const O extends Record<string, Option<unknown>>>(
  usage: Usage<O>,
  args: readonly string[],
): Values<O> {
  const command = createCommand(usage)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  // pnpm passes the two dashes that separate its own options.
  command.parse(
    args.filter((arg) => arg !== '--'),
    { from: 'user' },
  );
  const given = command.opts<Record<string, unknown>>();
  return { json: undefined, quick: false, ...given } as Values<O>;
}

function createCommand({ command, does, quick, options, examples }: Usage<Record<string, Option<unknown>>>): Command {
  const created = new Command(command)
    .description(does.join('\n'))
    .option('--quick', quick)
    .option('--json <file>', 'also write what was measured', parseJsonFile)
    .allowExcessArguments(false)
    .addHelpText('after', ['', 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n'));
  for (const [name, { takes, meaning, initial, parse }] of Object.entries(options)) {
    const option = new CommandOption(`--${name} ${takes}`, meaning).argParser(parse).default(parse(initial), initial);
    created.addOption(option);
  }
  return created;
}

/** A result is written after hours, so the folder must exist now. */
function parseJsonFile(file: string): string {
  const folder = dirname(resolve(file));
  if (!existsSync(folder)) throw new InvalidArgumentError(`There is no folder ${folder}.`);
  return file;
}

/** Returns a parser of numbers of at least `least`; they must be whole numbers by default. */
export function numberFrom(least: number, { whole = true } = {}): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (Number.isNaN(value) || value < least || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number of at least ${least}.`);
    return value;
  };
}

/** Returns a parser that accepts one of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
    return word;
  };
}
