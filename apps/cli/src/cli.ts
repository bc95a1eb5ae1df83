import { CommanderError } from 'commander';
import { debug } from './env.ts';
import { exitCodes } from './exit-codes.ts';
import { describeError, type DescribedError } from './failure.ts';
import { endQuietlyWithReader, say } from './output.ts';
import { makeProgram } from './program.ts';
import { paint } from './text/style.ts';

/** Runs the command line of this process; the exit status says how it went (see exit-codes.ts). */
export async function run(): Promise<void> {
  endQuietlyWithReader();
  // node:sqlite is stable enough for us; its notice is none of the user's business.
  process.removeAllListeners('warning');
  const json = process.argv.includes('--json');
  const program = makeProgram({
    outputError: (text, write) => write(paint('bad', text, process.stderr)),
    // A program gets one line of JSON about an error, below, and nothing else.
    ...(json ? { writeErr: () => {} } : {}),
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
    else say(`${paint('bad', 'gradsmith:', process.stderr)} ${described.message}`);
    if (debug && described.exitCode === exitCodes.fault) console.error(error);
    process.exitCode = described.exitCode;
  }
}

function printErrorJson(error: DescribedError): void {
  say(JSON.stringify({ error }));
}
