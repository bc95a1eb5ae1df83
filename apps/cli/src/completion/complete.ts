import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  value: string;
  description: string;
}

/** What can be completed at the cursor. */
export interface Completion {
  candidates: Candidate[];
  /** Whether file names are possible. */
  files: boolean;
  /** Whether jobs are possible. */
  jobs: boolean;
}

const FILE = /\b(?:file|folder)\b/;

/** Completes the last word after `gradsmith` from the definitions of the commands. */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const { command, awaiting, position } = findCommand(program, words.slice(0, -1));
  if (awaiting)
    return filterCandidates(current, {
      candidates: (awaiting.argChoices ?? []).map(toCandidate),
      files: FILE.test(awaiting.flags),
      jobs: false,
    });
  if (current.startsWith('-')) {
    const options = command
      .createHelp()
      .visibleOptions(command)
      .filter(({ hidden }) => !hidden);
    return filterCandidates(current, {
      candidates: options.map(({ long, short, description }) => ({ value: long ?? short!, description })),
      files: false,
      jobs: false,
    });
  }
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => ({ value: sub.name(), description: sub.summary() || sub.description() }));
  return filterCandidates(
    current,
    position === 0
      ? mergeCompletions(
          { candidates: commands, files: false, jobs: false },
          forArgument(command.registeredArguments[0]),
        )
      : forArgument(command.registeredArguments[position]),
  );
}

/** Returns one line per candidate, then one line per other kind. The scripts of the shells read them. */
export function formatCompletion({ candidates, files }: Completion): string[] {
  return [
    ...candidates.map(({ value, description }) => `${value}\t${description.split('\n')[0]}`),
    files ? ':files' : ':nofiles',
  ];
}

/**
 * Follows the words to the command they name, the option that still waits for its value, and the number of arguments
 * given.
 */
function findCommand(
  program: Command,
  words: readonly string[],
): { command: Command; awaiting: Option | undefined; position: number } {
  let command = program;
  let awaiting: Option | undefined;
  let position = 0;
  for (const word of words) {
    if (awaiting) awaiting = undefined;
    else if (word.startsWith('-')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      if (option?.required) awaiting = option;
    } else {
      const sub: Command | undefined =
        position === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (sub) command = sub;
      else position += 1;
    }
  }
  return { command, awaiting, position };
}

function forArgument(argument: Argument | undefined): Completion {
  if (!argument) return { candidates: [], files: false, jobs: false };
  const name = argument.name();
  return {
    candidates: (argument.argChoices ?? []).map(toCandidate),
    files: FILE.test(name) || /\bfile\b/.test(argument.description),
    jobs: name === 'job' || /\bof a job\b/.test(argument.description),
  };
}

function mergeCompletions(a: Completion, b: Completion): Completion {
  return { candidates: [...a.candidates, ...b.candidates], files: a.files || b.files, jobs: a.jobs || b.jobs };
}

function filterCandidates(begun: string, { candidates, ...rest }: Completion): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(begun)), ...rest };
}

function toCandidate(value: string): Candidate {
  return { value, description: '' };
}
