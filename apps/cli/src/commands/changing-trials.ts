import type { EnqueuedResource } from '@gradsmith/contract';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { describeIdle } from '../hosts/describe-idle.ts';
import { findJob } from '../hosts/find-job.ts';
import type { Host } from '../hosts/host.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { print, printJson } from '../output.ts';
import { replaceMinus } from '../text/numbers.ts';
import { groups, withExamples, withJson } from './define.ts';

type ChangeOptions = Partial<HostOptions> & { json?: boolean };

const JOB = 'id of the job, its beginning, a name or a part of one';
const ENQUEUED = '{key, added, trial, ahead}';

export function addRetry(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('retry')
        .helpGroup(groups.steer)
        .summary('try the point of a failed trial again')
        .description(
          'Tries the point of a failed trial again, as the next trial of the job. The budget grows by one. A job ' +
            'that ' +
            'has completed runs again.',
        )
        .argument('<job>', JOB)
        .argument('<trial>', 'number of the failed trial'),
    ),
    ENQUEUED,
  ).action(async (job: string, trial: string, { json, ...at }: ChangeOptions) => {
    await withOpenHost(at, async (host) => {
      const id = await findJob(host, job);
      await reportEnqueued(host, id, await host.retry(id, trial), json);
    });
  });
  withExamples(command, 'gradsmith retry two-gaussians 7');
}

export function addInvalidate(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('invalidate')
        .helpGroup(groups.steer)
        .summary('take the result of a trial back')
        .description(
          'Takes the result of a complete trial back: the model and the best point no longer use it, and the budget ' +
            'grows by one. A finished job uses that when it is extended, also to the same budget.',
        )
        .argument('<job>', JOB)
        .argument('<trial>', 'number of the complete trial'),
    ),
    'the trial after it',
  )
    .requiredOption('--reason <text>', 'why, for those who read the job later')
    .action(async (job: string, trial: string, { reason, json, ...at }: ChangeOptions & { reason: string }) => {
      await withOpenHost(at, async (host) => {
        const id = await findJob(host, job);
        const changed = await host.invalidate(id, trial, reason);
        if (json) printJson(changed);
        else print(`the result of trial ${trial} of job ${id} is taken back: ${reason}`);
      });
    });
  withExamples(command, 'gradsmith invalidate two-gaussians 7 --reason outlier');
}

export function addEnqueue(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('enqueue')
        .helpGroup(groups.steer)
        .summary('name a point that is tried next')
        .description(
          'Enqueues a point of yours: it is tried before those that the optimizer proposes, within the budget. ' +
            'Parameters with one value may be left out.',
        )
        .argument('<job>', JOB)
        .argument('<values...>', 'the point, as NAME=VALUE for each parameter'),
    ),
    ENQUEUED,
  ).action(async (job: string, values: string[], { json, ...at }: ChangeOptions) => {
    await withOpenHost(at, async (host) => {
      const id = await findJob(host, job);
      const [{ buildSearchSpace }, spec] = await Promise.all([import('@gradsmith/core/spec'), host.spec(id)]);
      const point = parsePoint(values, buildSearchSpace(spec).space);
      await reportEnqueued(host, id, await host.enqueue(id, point), json);
    });
  });
  withExamples(command, 'gradsmith enqueue two-gaussians relu2.u=1 relu2.b=0 relu2.v=1 relu2.d=0.5');
}

type Value = number | string | boolean;
type Space = Readonly<Record<string, { type: string; choices?: readonly Value[]; value?: Value }>>;

/** Parses `NAME=VALUE` by the type of each parameter. What a parameter does not take, the job refuses by name. */
export function parsePoint(values: readonly string[], space: Space): Record<string, Value> {
  const entries = values.map((text): [string, Value] => {
    const at = text.indexOf('=');
    if (at <= 0) throw createBadValue(text, 'write NAME=VALUE, such as learningRate=0.1');
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
    if (isNumeric(parameter)) refuseCommas(text, value);
    return [name, parseValue(value, parameter)];
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw createBadValue(twice, 'it is given twice');
  return Object.fromEntries(entries);
}

function parseValue(text: string, parameter: Space[string] | undefined): Value {
  const number = text.trim() === '' ? Number.NaN : Number(replaceMinus(text));
  const listed = listValues(parameter).find((value) => String(value) === text || value === number);
  if (listed !== undefined) return listed;
  return Number.isFinite(number) ? number : text;
}

function listValues({ choices = [], value }: Partial<Space[string]> = {}): Value[] {
  return value === undefined ? [...choices] : [...choices, value];
}

/** Whether the parameter takes numbers only. */
function isNumeric(parameter: Space[string] | undefined): boolean {
  const values = listValues(parameter);
  if (parameter?.type === 'float' || parameter?.type === 'int') return true;
  return values.length > 0 && values.every((value) => typeof value === 'number');
}

/** Refuses a number that is written with commas, as tables show large numbers: a comma may also be a decimal point. */
function refuseCommas(text: string, value: string): void {
  const plain = replaceMinus(value);
  if (!plain.includes(',')) return;
  const [grouped, decimal] = [plain.replaceAll(',', ''), plain.replace(',', '.')];
  const ways: string[] = [];
  if (/^-?\d{1,3}(,\d{3})+(?!\d)/.test(plain) && Number.isFinite(Number(grouped))) ways.push(grouped);
  if (!plain.includes('.') && Number.isFinite(Number(decimal))) ways.push(decimal);
  if (ways.length) throw createBadValue(text, `${value} has a comma; write ${ways.join(' or ')}`);
}

function createBadValue(text: string, what: string): Failure {
  return new Failure(exitCodes.usage, 'bad-point', `${text} is not a value of a point: ${what}`);
}

async function reportEnqueued(
  host: Host,
  id: string,
  enqueued: EnqueuedResource,
  json: boolean | undefined,
): Promise<void> {
  if (json) return printJson(enqueued);
  const { trial, ahead, added } = enqueued;
  if (trial !== null) return print(`the point is trial ${trial} of job ${id}`);
  const before = ahead ? `after ${ahead} enqueued before it` : 'next';
  print(`the point ${added ? 'is enqueued' : 'was enqueued already'} in job ${id}; it is tried ${before}`);
  const status = await host.status(id);
  const idle = host.isLocal ? describeIdle(host, status, await host.spec(id)) : null;
  if (idle !== null) print(idle);
}
