import type { Command } from 'commander';

const known = new WeakMap<Command, readonly string[]>();

/** Shows the examples under the command's help; a test runs each of them. */
export function withExamples(command: Command, ...examples: string[]): Command {
  known.set(command, examples);
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

export function listExamples(command: Command): readonly string[] {
  return known.get(command) ?? [];
}

/** Adds `--json`; `shape` describes what it prints. */
export function withJson(command: Command, shape: string): Command {
  return command.option('--json', `machine-readable: ${shape}`);
}

/** Headings of the commands in the help. */
export const groups = {
  start: 'Start here:',
  jobs: 'Jobs:',
  look: 'What was found:',
  steer: 'Steering jobs:',
  machine: 'This machine:',
} as const;

/** What a command takes that needs a job. */
export const NAMED_JOB = 'id of the job, its beginning, a name or a part of one';
/** What a command takes that shows the newest job by default. */
export const JOB_ARGUMENT = `${NAMED_JOB} (default: the newest job)`;
