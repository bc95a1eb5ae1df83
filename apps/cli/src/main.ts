#!/usr/bin/env node
import { GradsmithError } from '@gradsmith/core';
import { Command } from 'commander';
import { addData } from './commands/data.ts';
import { addDemo } from './commands/demo.ts';
import { addReplay } from './commands/replay.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addValidate } from './commands/validate.ts';

const program = new Command('gradsmith')
  .description('Searches for better backward passes of neural networks.')
  .showHelpAfterError('(add --help for what is possible)')
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 a bad argument or job file, 130 interrupted.\n\nStart with:\n  gradsmith demo');

for (const add of [addDemo, addRun, addValidate, addReport, addReplay, addData]) add(program);
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

try {
  await program.parseAsync();
} catch (error) {
  const known = error instanceof GradsmithError || (error instanceof Error && !(error instanceof TypeError || error instanceof RangeError));
  console.error(known ? `gradsmith: ${error.message}` : error);
  process.exitCode = error instanceof GradsmithError && error.status < 500 ? 2 : 1;
}
