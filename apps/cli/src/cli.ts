import { CommanderError } from 'commander';
import { debug } from './env.ts';
import { exitCodes } from './exit-codes.ts';
import { describeError, type DescribedError } from './failure.ts';
import { endQuietlyWithReader, say } from './output.ts';
import { makeProgram } from './program.ts';
import { paint } from './text/style.ts';

/** Runs the command line of this process and sets the exit code (see exit-codes.ts). */
export async function run(): Promise<void> {
  endQuietlyWithReader();
  // Node warns that node:sqlite is experimental. Users can do nothing about it.
  process.removeAllListeners('warning');
  const prefix = paint('bad', 'gradsmith:', process.stderr);
  const json = process.argv.includes('--json');
  const program = makeProgram({
    outputError: (text, write) => write(text.replace(/^error:/, prefix)),
    // With --json, a program reads one line of JSON about an error and nothing else.
    writeErr: (text) => void (json || process.stderr.write(text)),
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && json)
        printErrorJson({ exitCode: exitCodes.usage, code: 'usage', message: error.message.replace(/^error: /, '') });
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    const described = describeError(error);
    if (json) printErrorJson(described);
    else say(`${prefix} ${described.message}`);
    if (debug && described.exitCode === exitCodes.fault) console.error(error);
    process.exitCode = described.exitCode;
  }
}

function printErrorJson(error: DescribedError): void {
  say(JSON.stringify({ error }));
}
