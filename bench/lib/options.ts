import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** One option of a benchmark with a value; without one given, `initial` is parsed. */
export interface Option<T> {
  /** Its value in the help, such as `<n>`. */
  takes: string;
  meaning: string;
  initial: string;
  /** Throws Error that says what it takes. */
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
 * Reads the options of a benchmark; `--quick`, `--json FILE` and `--help` are every benchmark's. Shows the help and
 * ends with status 0 where it is asked for; ends with status 2 and a message that names the option where one is unknown
 * or wrong.
 */
export function readOptions<const O extends Record<string, Option<unknown>>>(
  usage: Usage<O>,
  args = process.argv.slice(2),
): Values<O> {
  try {
    const read = parseOptions(usage, args);
    if (read !== 'help') return read;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage.command} --help shows what it takes.`);
    process.exit(2);
  }
  console.log(helpOf(usage));
  process.exit(0);
}

/** @throws Error for people */
export function parseOptions<const O extends Record<string, Option<unknown>>>(
  usage: Usage<O>,
  args: readonly string[],
): Values<O> | 'help' {
  const own = Object.entries(usage.options);
  // pnpm hands on the two dashes that separate its own options.
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(own.map(([name]) => [name, { type: 'string' as const }])),
    },
  });
  const given = values as Record<string, string | boolean | undefined>;
  if (given.help) return 'help';
  const json = given.json as string | undefined;
  // A result is written when hours may have passed.
  if (json !== undefined && !existsSync(dirname(resolve(json))))
    throw new Error(`--json ${json}: there is no folder ${dirname(resolve(json))}; make it first`);
  const parsed = own.map(([name, { parse, initial }]) => {
    const text = (given[name] as string | undefined) ?? initial;
    try {
      return [name, parse(text)];
    } catch (error) {
      throw new Error(`--${name} ${text}: ${(error as Error).message}`, { cause: error });
    }
  });
  return { quick: given.quick === true, json, ...Object.fromEntries(parsed) } as Values<O>;
}

/** The text of `--help`. */
export function helpOf({ command, does, quick, options, examples }: Usage<Record<string, Option<unknown>>>): string {
  const rows = [
    ['--quick', quick],
    ['--json <file>', 'also write what was measured'],
    ...Object.entries(options).map(([name, { takes, meaning, initial }]) => [
      `--${name} ${takes}`,
      `${meaning} (default: ${initial})`,
    ]),
    ['-h, --help', 'show this'],
  ];
  const width = Math.max(...rows.map(([name]) => name!.length));
  return [
    `Usage: ${command} [options]`,
    '',
    ...does,
    '',
    'Options:',
    ...rows.map(([name, meaning]) => `  ${name!.padEnd(width)}  ${meaning}`),
    '',
    'Examples:',
    ...examples.map((line) => `  ${line}`),
  ].join('\n');
}

/** Parses a number from `least` on, whole unless told. */
export function numberFrom(least: number, { whole = true } = {}): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (Number.isNaN(value) || value < least || (whole && !Number.isInteger(value)))
      throw new Error(`it takes a ${whole ? 'whole ' : ''}number of at least ${least}`);
    return value;
  };
}

/** Parses one of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new Error(`it takes one of ${words.join(', ')}`);
    return word;
  };
}
