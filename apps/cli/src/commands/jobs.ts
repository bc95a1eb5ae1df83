import { type JobSummary } from '@gradsmith/contract';
import { jobStates } from '@gradsmith/core/domain';
import { labelPattern } from '@gradsmith/core/jobs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { countOption } from '../options.ts';
import { print, printJson, say } from '../output.ts';
import { formatNumber } from '../text/numbers.ts';
import { table } from '../text/table.ts';
import { groups, withExamples, withJson } from './define.ts';

interface JobsOptions extends Partial<HostOptions> {
  state?: JobSummary['state'];
  name?: string;
  label?: string[];
  limit: number;
  cursor?: string;
  json?: boolean;
}

export function addJobs(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('jobs')
        .helpGroup(groups.jobs)
        .summary('list jobs, newest first')
        .description('Lists jobs, newest first, with what they have found so far.'),
    ),
    'a page, {items, next, unreadable}',
  )
    .addOption(new Option('--state <state>', 'only jobs in this state').choices(jobStates))
    .option('--name <text>', 'only jobs with this in their name')
    .option('--label <key[:value]>', 'only jobs with this label; given several times, with all of them', labelOption)
    .option('--limit <n>', 'jobs to list, at most', countOption, 20)
    .option('--cursor <next>', 'go on after a page, by its `next`')
    .action(async ({ state, name, label, limit, cursor, json, ...at }: JobsOptions) => {
      await withOpenHost(at, async (host) => {
        const page = await showMeter('reading jobs', host.list({ limit, state, name, labels: label, cursor }));
        if (json) return printJson(page);
        for (const id of page.unreadable) say(`job ${id} is left out, because its record cannot be read`);
        if (!page.items.length) return say(`no ${state || name || label ? 'such ' : ''}jobs in ${host.name}`);
        for (const line of table(page.items, columns)) print(line);
        if (page.next) say(`there are more: --cursor ${page.next}`);
      });
    });
  withExamples(
    command,
    'gradsmith jobs',
    'gradsmith jobs --state completed --limit 5 --json',
    'gradsmith jobs --label team:vision',
    'gradsmith jobs --server http://localhost:8080',
    'gradsmith jobs --server http://localhost:8080 --label team:vision --label draft',
  );
}

function labelOption(text: string, before: string[] = []): string[] {
  if (!labelPattern.test(text)) throw new InvalidArgumentError("It must be a label's key, or key:value.");
  return [...before, text];
}

const columns = [
  { title: 'job', cell: ({ id }: JobSummary) => id },
  { title: 'name', cell: ({ name }: JobSummary) => name },
  { title: 'state', cell: ({ state }: JobSummary) => state },
  { title: 'trials', align: 'right' as const, cell: ({ settled, budget }: JobSummary) => `${settled}/${budget}` },
  { title: 'best', align: 'right' as const, cell: ({ best }: JobSummary) => (best ? formatNumber(best.value) : '') },
  {
    title: 'reference',
    align: 'right' as const,
    cell: ({ reference }: JobSummary) => (reference === null ? '' : formatNumber(reference)),
  },
  { title: 'metric', cell: ({ metric }: JobSummary) => metric },
  { title: 'created (UTC)', cell: ({ createdAt }: JobSummary) => createdAt.slice(0, 16).replace('T', ' ') },
];
