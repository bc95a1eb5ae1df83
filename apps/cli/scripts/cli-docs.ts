import type { Command } from 'commander';
import { allCommands, formatCall, makeProgram } from '../src/program.ts';

const WIDTH = 100;

/** Returns the text of docs/cli.md: the help of every command, as the command prints it. */
export function cliDocs(): string {
  let text = '';
  const program = makeProgram({
    writeOut: (part) => void (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  const renderHelp = (command: Command): string => {
    text = '';
    command.outputHelp();
    return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
  };
  const commands = allCommands(program).map((command) => `## ${formatCall(command)}\n\n${renderHelp(command)}`);
  return `${[intro, renderHelp(program), ...commands].join('\n\n')}\n`;
}

const intro = `# The command line

<!-- Written by \`pnpm docs:write\` from the help of the commands. Change that, not this file. -->

In a checkout, \`npm run gradsmith -- COMMAND\` runs a command; it downloads Node and pnpm if they are missing. With
Node 24 or newer, \`ln -s "$PWD/apps/cli/bin/gradsmith.js" ~/.local/bin/gradsmith\` makes it available as
\`gradsmith\`. \`source <(gradsmith completion bash)\` completes commands, options, files and jobs.

A job is in the ledger of a folder (\`--data\`, \`gradsmith-data\` by default) or in a service (\`--server\`, or
\`GRADSMITH_SERVER\`). Commands with both options work on either. Name a job by its id, by the first three
or more characters of its id, by its name (the newest of that name), or by a part of one name. If the job is optional
and left out, a command takes the newest job.

Standard output contains only the result. Progress and messages go to standard error; each error begins with
\`gradsmith:\`. \`--ascii\` (also set by the locale or \`TERM=dumb\`) prints ASCII without color; JSON and
files stay UTF-8. Every command except
\`completion\` takes \`--json\` and then prints one JSON value; commands that follow a job print one JSON object per
line. New versions may add fields, but do not change the meaning of existing ones. With \`--json\`, an error is one
line on standard error, \`{"error": {"exitCode", "code", "message"}}\`, with \`problems: [{path, message}]\` for an
invalid job file.`;
