import { Command, Help, type Option, type OutputConfiguration } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addBackend } from './commands/backend.ts';
import { addBest } from './commands/best.ts';
import { addCancel } from './commands/cancel.ts';
import { addCompletion } from './commands/completion.ts';
import { addData } from './commands/data.ts';
import { addDelete } from './commands/delete.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEdit } from './commands/edit.ts';
import { addEnqueue } from './commands/enqueue.ts';
import { addExport } from './commands/export.ts';
import { addExtend } from './commands/extend.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addInvalidate } from './commands/invalidate.ts';
import { addJobs } from './commands/jobs.ts';
import { addPause } from './commands/pause.ts';
import { addReplay } from './commands/replay.ts';
import { addReport } from './commands/report.ts';
import { addResume } from './commands/resume.ts';
import { addRetry } from './commands/retry.ts';
import { addRun } from './commands/run.ts';
import { addStatus } from './commands/status.ts';
import { addSubmit } from './commands/submit.ts';
import { addTrials } from './commands/trials.ts';
import { addValidate } from './commands/validate.ts';
import { addWatch } from './commands/watch.ts';
import { addWorker } from './commands/worker.ts';
import { variables } from './env.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { paint } from './text/style.ts';

/** Builds the command line. Large modules are loaded only when a command runs, so help and completion are fast. */
export function makeProgram(output: OutputConfiguration = {}): Command {
  const program = new Command('gradsmith')
    .description('Searches for better backward passes of neural networks.')
    .usage('<command> [options]')
    .version(packageJson.version, '--version', 'print the version')
    .option('--ascii', 'only ASCII characters and no color; every command takes it')
    .configureHelp({
      optionDescription: describeOption,
      styleTitle: (title) => paint('title', title),
      styleCommandText: (text) => paint('accent', text),
      styleSubcommandTerm: (text) => paint('accent', text),
    })
    .addHelpText('after', renderEpilogue);
  for (const add of [
    addDemo,
    addInit,
    addValidate,
    addRun,
    addSubmit,
    addJobs,
    addStatus,
    addWatch,
    addTrials,
    addBest,
    addReport,
    addReplay,
    addExport,
    addImport,
    addPause,
    addResume,
    addCancel,
    addExtend,
    addRetry,
    addInvalidate,
    addEnqueue,
    addEdit,
    addDelete,
    addDoctor,
    addData,
    addBackend,
    addWorker,
    addCompletion,
  ])
    add(program);
  for (const command of [program, ...allCommands(program)]) {
    command
      .exitOverride()
      .configureOutput(output)
      .showHelpAfterError(`Try: ${formatCall(command)} --help`);
  }
  return program;
}

function describeOption(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory && option.defaultValue === undefined ? `${text} (required)` : text;
}

/** Lists every command below this one that the help shows, in its order. */
export function allCommands(parent: Command): Command[] {
  return parent.commands
    .filter((command) => !command.name().startsWith('_'))
    .flatMap((command) => [command, ...allCommands(command)]);
}

/** Returns how the command is called: `gradsmith backend install`. */
export function formatCall(command: Command): string {
  return command.parent ? `${formatCall(command.parent)} ${command.name()}` : command.name();
}

function renderEpilogue(): string {
  const codes = Object.entries(exitCodeMeanings).map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}`);
  const width = Math.max(...Object.keys(variables).map(({ length }) => length));
  const settings = Object.entries(variables).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`);
  return [
    '',
    paint('title', 'Exit codes:'),
    ...codes,
    '',
    paint('title', 'Environment:'),
    ...settings,
    '',
    paint('title', 'Start with:'),
    '  gradsmith demo',
    '  gradsmith init && gradsmith run job.yaml',
  ].join('\n');
}
