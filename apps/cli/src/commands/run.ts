import { existsSync } from 'node:fs';
import { quoteArgument } from '@gradsmith/core/domain';
import type { Command } from 'commander';
import type { RunOptions } from '../embedded/run-job.ts';
import { defaultCacheDir, defaultDataDir, defaultSlots } from '../env.ts';
import { slotsOption } from '../options.ts';
import { groups, withExamples, withJson } from './define.ts';

/** Adds the options of a run. The help shows the defaults without the folders of this machine. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'folder of the ledger (default: gradsmith-data)')
    .option('--cache <folder>', 'folder of the data sets (default: ~/.cache/gradsmith)')
    .option(
      '--modules <folder>',
      'folder of the modules a job may run: objectives of your own, as NAME.ts, NAME.js or NAME.mjs',
    )
    .option('--slots <n>', 'trials trained at once (default: one for each processor)', slotsOption)
    .option('--report <file>', "where to write the report (default: in the ledger's folder)")
    .option('--no-report', 'write none')
    .option('--plain', 'lines on a terminal, too, instead of the live view')
    .option('--verbose', 'log what happens to standard error, as JSON');
}

export function toRunOptions(given: Omit<Partial<RunOptions>, 'report'> & { report?: string | boolean }): RunOptions {
  const { report, ...rest } = given;
  const options: RunOptions = { data: defaultDataDir, cache: defaultCacheDir, slots: defaultSlots, ...rest };
  // Commander's default of --no-report is true: no path was given.
  if (report !== undefined && report !== true) options.report = report;
  return options;
}

/**
 * Returns the command that continues a run: with its folders, and with its slots, because the number of threads is part
 * of the runtime.
 */
export function commandAgain(command: string, given: Partial<RunOptions>): string {
  const options = (['data', 'cache', 'modules', 'slots'] as const).flatMap((name) =>
    given[name] === undefined ? [] : [`--${name} ${quoteArgument(String(given[name]))}`],
  );
  return [command, ...options].join(' ');
}

export function addRun(program: Command): void {
  const command = withJson(
    withRunOptions(
      program
        .command('run')
        .helpGroup(groups.start)
        .summary('run a job on this machine, without servers')
        .description(
          'Runs a job on this machine until it is finished. If it is stopped with Ctrl-C or kill -9, the same ' +
            'command continues it. A finished job is not run again. You can run several jobs of a ledger at ' +
            'the same time, one in each command.',
        )
        .argument('<job-file>', 'YAML or JSON; or the id or name of a job that is in the ledger'),
    ),
    'events, one a line, as watch does, and {event: "activity", message}; the last is {event: "end", job, report}',
  ).action(async (file: string, given: Partial<RunOptions>) => {
    const options = toRunOptions(given);
    const again = commandAgain(`gradsmith run ${quoteArgument(file)}`, given);
    const { runKnown, runSpec } = await import('../embedded/run-job.ts');
    if (existsSync(file) || /[./\\]/.test(file)) {
      const { useJobFile } = await import('../job-file.ts');
      process.exitCode = await useJobFile(file, (spec) => runSpec(spec, again, options));
      return;
    }
    const [{ EmbeddedHost }, { findJob }] = await Promise.all([
      import('../hosts/embedded-host.ts'),
      import('../hosts/find-job.ts'),
    ]);
    const host = await EmbeddedHost.open(options.data, given.data === undefined);
    try {
      process.exitCode = await runKnown(host, await findJob(host, file), again, options);
    } finally {
      await host.close();
    }
  });
  withExamples(command, 'gradsmith run examples/two-gaussians.yaml --slots 2', 'gradsmith run two-gaussians --json');
}
