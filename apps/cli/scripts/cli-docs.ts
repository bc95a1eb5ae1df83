import type { Command } from 'commander';
import { allCommands, callOf, makeProgram } from '../src/program.ts';

const WIDTH = 100;

/** The text of docs/cli.md: the help of every command, as the command itself prints it. */
export function cliDocs(): string {
  let text = '';
  const program = makeProgram({
    writeOut: (part) => void (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  const helpOf = (command: Command): string => {
    text = '';
    command.outputHelp();
    return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
  };
  const commands = allCommands(program).map((command) => `## ${callOf(command)}\n\n${helpOf(command)}`);
  return `${[intro, helpOf(program), ...commands].join('\n\n')}\n`;
}

const intro = `# The command line

<!-- Written by \`pnpm docs:write\` from the commands' own help; change that, not this file. -->

In a checkout, \`npm run gradsmith -- COMMAND\` runs a command and brings Node and pnpm where they are missing. With Node 24 or
newer, \`ln -s "$PWD/apps/cli/bin/gradsmith.js" ~/.local/bin/gradsmith\` makes it \`gradsmith\` everywhere, and
\`source <(gradsmith completion bash)\` completes commands, options, files and jobs.

A job lives in the ledger of a folder (\`--data\`, \`gradsmith-data\` unless told) or in a service (\`--server\`, or
\`GRADSMITH_SERVER\`); every command works on both. It is named by its id, by the beginning of its id, or by its name, and
the newest one is meant where none is named.

Standard output is what a command was asked for, and nothing else; what it says besides goes to standard error. Every command
takes \`--json\`: one JSON value, or for commands that follow something one JSON object a line. Fields are added over time and
never change their meaning. An error is then one line on standard error, \`{"error": {"exitCode", "code", "message"}}\`, with
\`problems: [{path, message}]\` for a job file that is not valid.`;
