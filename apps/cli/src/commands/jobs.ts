import { type JobSummary } from '@gradsmith/contract';
import { jobStates } from '@gradsmith/core/domain';
import { jobSorts, labelPattern, type JobSort } from '@gradsmith/core/jobs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { JobQuery } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { countOption } from '../options.ts';
import { print, printJson, say } from '../output.ts';
import { cleanText } from '../text/clean.ts';
import { formatDuration, formatNumber, formatSigned } from '../text/numbers.ts';
import { table, type Column } from '../text/table.ts';
import { groups, withExamples, withJson } from './define.ts';

interface JobsOptions extends Partial<HostOptions> {
  state?: JobSummary['state'];
  name?: string;
  label?: string[];
  sort?: JobSort;
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
        .description(
          'Lists jobs, by default the newest first, with what they have found so far. gain: over the reference, ' +
            'under fresh seeds if it is confirmed, otherwise in the search (*). left: time left at this rate.',
        ),
    ),
    'a page, {items, next, unreadable}',
  )
    .addOption(new Option('--state <state>', 'only jobs in this state').choices(jobStates))
    .option('--name <text>', 'only jobs with this in their name')
    .option('--label <key[:value]>', 'only jobs with this label; given several times, with all of them', labelOption)
    .addOption(
      new Option('--sort <by>', 'in this order, descending with a minus (default: -createdAt)').choices(jobSorts),
    )
    .option('--limit <n>', 'jobs to list, at most', countOption, 20)
    .option('--cursor <next>', 'go on after a page, by its `next`')
    .action(async ({ state, name, label, sort, limit, cursor, json, ...at }: JobsOptions) => {
      await withOpenHost(at, async (host) => {
        const query: JobQuery = { limit, state, name, labels: label, cursor };
        if (sort) query.sort = sort;
        const page = await showMeter('reading jobs', host.list(query));
        if (json) return printJson(page);
        for (const id of page.unreadable) say(`job ${id} is left out, because its record cannot be read`);
        if (!page.items.length) return say(`no ${state || name || label ? 'such ' : ''}jobs in ${host.name}`);
        for (const line of formatJobTable(page.items)) print(line);
        if (page.next) say(`there are more: --cursor ${page.next}`);
      });
    });
  withExamples(
    command,
    'gradsmith jobs',
    'gradsmith jobs --state completed --limit 5 --json',
    'gradsmith jobs --label team:vision --sort -best',
    'gradsmith jobs --server http://localhost:8080',
    'gradsmith jobs --server http://localhost:8080 --label team:vision --label draft',
  );
}

function labelOption(text: string, before: string[] = []): string[] {
  if (!labelPattern.test(text)) throw new InvalidArgumentError("It must be a label's key, or key:value.");
  return [...before, text];
}

/** Returns jobs as a table, one per line. Labels are a column only if a job has some. */
export function formatJobTable(jobs: readonly JobSummary[]): string[] {
  const hasLabels = jobs.some(({ labels }) => Object.keys(labels).length > 0);
  return table(jobs, hasLabels ? [...columns, labelColumn] : columns);
}

const labelColumn: Column<JobSummary> = {
  title: 'labels',
  cell: ({ labels }) =>
    Object.entries(labels)
      .map(([key, value]) => cleanText(`${key}:${value}`))
      .join(' '),
};

function formatJobGain({ confirmedGain, searchGain }: JobSummary): string {
  if (confirmedGain) return formatSigned(confirmedGain.mean);
  return searchGain === null ? '' : `${formatSigned(searchGain)}*`;
}

const columns: readonly Column<JobSummary>[] = [
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
  { title: 'gain', align: 'right' as const, cell: formatJobGain },
  { title: 'metric', cell: ({ metric }: JobSummary) => metric },
  {
    title: 'left',
    align: 'right' as const,
    cell: ({ timeLeftMs }: JobSummary) => (timeLeftMs === null ? '' : formatDuration(timeLeftMs)),
  },
  { title: 'created (UTC)', cell: ({ createdAt }: JobSummary) => createdAt.slice(0, 16).replace('T', ' ') },
];
