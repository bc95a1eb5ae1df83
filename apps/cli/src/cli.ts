import { CommanderError } from 'commander';
import { debug, setAsciiOnly } from './env.ts';
import { exitCodes } from './exit-codes.ts';
import { describeError, type DescribedError } from './failure.ts';
import { endQuietlyWithReader, errorPrefix, sayError } from './output.ts';
import { makeProgram } from './program.ts';
import { toPrintable } from './text/ascii.ts';

const ASCII = '--ascii';

/** Runs the command line of this process and sets the exit code (see exit-codes.ts). */
export async function run(): Promise<void> {
  endQuietlyWithReader();
  // Node warns that node:sqlite is experimental. Users can do nothing about it.
  process.removeAllListeners('warning');
  const json = process.argv.includes('--json');
  process.on('uncaughtException', (error) => {
    report(error, json);
    process.exit();
  });
  const program = makeProgram({
    outputError: (text, write) => write(text.replace(/^error:/, errorPrefix())),
    writeOut: (text) => void process.stdout.write(toPrintable(text)),
    // With --json, a program reads one line of JSON about an error and nothing else.
    writeErr: (text) => void (json || process.stderr.write(toPrintable(text))),
  });
  try {
    await program.parseAsync(takeAscii(process.argv));
  } catch (error) {
    report(error, json);
  }
}

/** Applies `--ascii`, which every command takes, wherever it stands. Returns the other arguments. */
function takeAscii(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const isOption = (arg: string, i: number): boolean => arg === ASCII && (end === -1 || i < end);
  if (args.some(isOption)) setAsciiOnly();
  return args.filter((arg, i) => !isOption(arg, i));
}

/** Prints the error, and sets the exit code. Commander has printed its own errors. */
function report(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0 && json)
      printErrorJson({ exitCode: exitCodes.usage, code: 'usage', message: error.message.replace(/^error: /, '') });
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return;
  }
  const described = describeError(error);
  if (json) printErrorJson(described);
  else sayError(described.message);
  if (debug && described.exitCode === exitCodes.fault) console.error(error);
  process.exitCode = described.exitCode;
}

function printErrorJson(error: DescribedError): void {
  process.stderr.write(`${JSON.stringify({ error })}\n`);
}
