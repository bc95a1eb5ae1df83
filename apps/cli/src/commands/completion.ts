import { Argument, type Command } from 'commander';
import { completeWords, formatCompletion } from '../completion/complete.ts';
import { scripts, shells, type Shell } from '../completion/scripts.ts';
import { print } from '../output.ts';
import { groups, withExamples } from './define.ts';

/** Jobs offered at the cursor, the newest. */
const JOBS = 20;

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .helpGroup(groups.machine)
    .summary('let the shell complete commands, options and jobs')
    .description(
      "Prints what a shell has to run once so that Tab completes gradsmith's commands, options, files and jobs.",
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => void process.stdout.write(scripts[shell]));
  withExamples(command, 'gradsmith completion bash', 'gradsmith completion zsh', 'gradsmith completion fish');

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const completion = completeWords(program, words);
      if (completion.jobs) completion.candidates.push(...(await listJobCandidates(words)));
      for (const line of formatCompletion(completion)) print(line);
    });
}

/** Returns no jobs if they cannot be read: a completion never prints an error. */
async function listJobCandidates(words: readonly string[]): Promise<{ value: string; description: string }[]> {
  const findValue = (flag: string): string | undefined =>
    words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
  const at = { data: findValue('--data') || undefined, server: findValue('--server') || undefined };
  const begun = words.at(-1) ?? '';
  try {
    const { withOpenHost } = await import('../hosts/open-host.ts');
    const { items } = await withOpenHost(at, (host) => host.list({ limit: JOBS }));
    const named = items.map(({ name, state }) => ({ value: name, description: state }));
    const ids = items.map(({ id, name, state }) => ({ value: id, description: `${name}, ${state}` }));
    const unique = [...new Map([...named, ...ids].map((each) => [each.value, each])).values()];
    return unique.filter(
      ({ value }) => value.startsWith(begun) && (begun.startsWith('job_') || !value.startsWith('job_')),
    );
  } catch {
    return [];
  }
}
