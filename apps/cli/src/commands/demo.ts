import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { RunOptions } from '../embedded/run-job.ts';
import { groups, withExamples, withJson } from './define.ts';
import { commandAgain, toRunOptions, withRunOptions } from './run.ts';

const demoFile = fileURLToPath(new URL('../../../../examples/demo.yaml', import.meta.url));

export function addDemo(program: Command): void {
  const command = withJson(
    withRunOptions(
      program
        .command('demo')
        .helpGroup(groups.start)
        .summary('a real search on MNIST in a few minutes')
        .description(
          'Fetches MNIST, searches a b-function for one layer of a small network on this machine, ' +
            'confirms it on fresh seeds and writes a report.',
        ),
    ),
    'events, one a line, as run does',
  ).action(async (given: Partial<RunOptions>) => {
    const options = toRunOptions(given);
    const [{ readJobFile }, { runSpec }, { fetchData }] = await Promise.all([
      import('../job-file.ts'),
      import('../embedded/run-job.ts'),
      import('./data.ts'),
    ]);
    await fetchData('mnist', options.cache);
    process.exitCode = await runSpec(readJobFile(demoFile), commandAgain('gradsmith demo', given), {
      report: join(options.data, 'demo.html'),
      ...options,
    });
  });
  withExamples(command, 'gradsmith demo');
}
