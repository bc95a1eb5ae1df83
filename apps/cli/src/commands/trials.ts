import { type JobStatus, type TrialResource } from '@gradsmith/contract';
import { trialRoles, trialStates } from '@gradsmith/core/domain';
import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatJobCommand } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import { readAllTrials, type Host, type TrialQuery } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { countOption } from '../options.ts';
import { print, printJson, say } from '../output.ts';
import { groups, JOB_ARGUMENT, withExamples, withJson } from './define.ts';

interface TrialsOptions extends Partial<HostOptions> {
  state?: TrialResource['state'];
  role?: TrialResource['role'];
  sort: 'number' | 'value';
  limit?: number;
  json?: boolean;
}

export function addTrials(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('trials')
        .helpGroup(groups.look)
        .summary("list a job's trials, or show one")
        .description(
          'Lists the trials of a job, or shows one with its loss curve and its attempts, and what they have reported ' +
            'so far.',
        )
        .argument('[job]', JOB_ARGUMENT)
        .argument('[trial]', 'id of one trial: its number, reference, constant-…, learning-rate-… or confirm-…'),
    ),
    '{items}, or the one trial with its curve',
  )
    .addOption(new Option('--state <state>', 'only trials in this state').choices(trialStates))
    .addOption(new Option('--role <role>', 'only trials of this role').choices(trialRoles))
    .addOption(
      new Option('--sort <by>', 'in this order; value: best first, pruned ones after all that were not')
        .choices(['number', 'value'])
        .default('number'),
    )
    .option('--limit <n>', 'the first so many', countOption)
    .action(async (job: string | undefined, trial: string | undefined, { data, server, ...options }: TrialsOptions) => {
      if (trial !== undefined && isFiltered(command))
        throw new Failure(
          exitCodes.usage,
          'bad-option',
          '--state, --role, --sort and --limit choose among trials; leave them out, or leave out the trial.',
        );
      await withOpenHost({ data, server }, async (host) => {
        const id = await findJob(host, job).catch((error: unknown) => hintAtNumber(error, job, trial));
        await (trial === undefined ? listJobTrials(host, id, options) : showOne(host, id, trial, options.json));
      });
    });
  withExamples(
    command,
    'gradsmith trials',
    'gradsmith trials two-gaussians --role search --sort value --limit 5',
    'gradsmith trials two-gaussians 7 --json',
  );
}

/** Whether an option that chooses trials was given. */
function isFiltered(command: Command): boolean {
  return ['state', 'role', 'sort', 'limit'].some((name) => command.getOptionValueSource(name) === 'cli');
}

async function listJobTrials(host: Host, id: string, { state, role, sort, limit, json }: TrialsOptions): Promise<void> {
  const status = await host.status(id);
  const bestFirst: TrialQuery['sort'] = status.direction === 'minimize' ? 'value' : '-value';
  const query = { state, role, sort: sort === 'value' ? bestFirst : sort, most: limit };
  const items = await showMeter('reading trials', readAllTrials(host, id, query));
  if (json) return printJson({ items });
  if (!items.length) return say('no such trials');
  const [{ createMeasure }, { formatTrialTable }, spec] = await Promise.all([
    import('../follow/describe.ts'),
    import('../follow/trial-text.ts'),
    host.spec(id),
  ]);
  for (const line of formatTrialTable(items, createMeasure(status, spec))) print(line);
}

async function showOne(host: Host, id: string, trialId: string, json: boolean | undefined): Promise<void> {
  const trial = await showMeter('reading the trial', host.trial(id, trialId)).catch(
    async (error: { code?: unknown }) => {
      throw error.code === 'not-found' ? createUnknownTrial(host, await host.status(id), trialId) : error;
    },
  );
  if (json) return printJson(trial);
  const [{ createMeasure }, { describeTrial }, status, spec] = await Promise.all([
    import('../follow/describe.ts'),
    import('../follow/trial-text.ts'),
    host.status(id),
    host.spec(id),
  ]);
  for (const line of describeTrial(trial, createMeasure(status, spec))) print(line);
}

/** A single number is a job's argument, but may be meant as a trial of the newest job. */
function hintAtNumber(error: unknown, job: string | undefined, trial: string | undefined): never {
  if (!(error instanceof Failure) || error.code !== 'not-found' || trial !== undefined || !/^\d{1,6}$/.test(job ?? ''))
    throw error;
  const hint = `If trial ${job} is meant, name its job first: gradsmith trials JOB ${job}`;
  throw new Failure(error.exitCode, error.code, `${error.message}\n${hint}`);
}

function createUnknownTrial(host: Host, { id, name, counts }: JobStatus, trialId: string): Failure {
  const created = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const known = created === 1 ? 'one search trial, 0' : `search trials 0 to ${created - 1}`;
  return new Failure(
    exitCodes.notFound,
    'not-found',
    `job ${id} (${name}) has no trial ${trialId}; it has ${created ? known : 'no search trials yet'}.\n` +
      `${formatJobCommand(host, 'trials', id)} lists all.`,
  );
}
