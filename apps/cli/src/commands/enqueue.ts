import type { Command } from 'commander';
import { findJob } from '../hosts/find-job.ts';
import { withHost, withOpenHost } from '../hosts/open-host.ts';
import { parsePoint } from '../parse-point.ts';
import type { ChangeOptions } from './change-job.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';
import { ENQUEUED, printEnqueued } from './print-enqueued.ts';

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
        .argument('<job>', NAMED_JOB)
        .argument('<values...>', 'the point, as NAME=VALUE for each parameter'),
    ),
    ENQUEUED,
  ).action(async (job: string, values: string[], { json, ...at }: ChangeOptions) => {
    await withOpenHost(at, async (host) => {
      const id = await findJob(host, job);
      const [{ buildSearchSpace }, spec] = await Promise.all([import('@gradsmith/core/spec'), host.spec(id)]);
      const point = parsePoint(values, buildSearchSpace(spec).space);
      await printEnqueued(host, id, await host.enqueue(id, point), json);
    });
  });
  withExamples(command, 'gradsmith enqueue two-gaussians relu2.u=1 relu2.b=0 relu2.v=1 relu2.d=0.5');
}
