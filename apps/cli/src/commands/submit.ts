import { createHash, randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { chooseHost } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { print, printEvent, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';
import { watchJob } from './watch.ts';

interface SubmitOptions {
  server?: string;
  watch?: boolean;
  new?: boolean;
  json?: boolean;
}

export function addSubmit(program: Command): void {
  const command = withJson(
    program
      .command('submit')
      .helpGroup(groups.start)
      .summary('give a job to a service')
      .description(
        'Posts a job to a service, whose workers run it. The same job submitted twice is one job: its ' +
          'Idempotency-Key is made from what the file says.',
      )
      .argument('<job-file>', 'YAML or JSON'),
    '{id, name, state, created, server}',
  )
    .option('--server <url>', 'the service (default: $GRADSMITH_SERVER)')
    .option('--watch', 'follow it until it ends, as gradsmith watch does')
    .option('--new', 'another job even if the same was submitted before')
    .action(async (file: string, { server, watch: following, new: another, json }: SubmitOptions) => {
      const place = chooseHost({ server: server || undefined });
      if (!('server' in place))
        throw new Failure(
          exitCodes.usage,
          'no-server',
          'submit needs a service: say --server http://localhost:8080, or set ' +
            'GRADSMITH_SERVER.\nWithout one, this machine can run a job whose objective is not external by itself: ' +
            `gradsmith run ${file}`,
        );
      const [{ canonicalJson }, { useJobFile }, { ServerHost }] = await Promise.all([
        import('@gradsmith/core/domain'),
        import('../job-file.ts'),
        import('../hosts/server-host.ts'),
      ]);
      const host = new ServerHost(place.server, place.isDefault);
      const { job, created } = await useJobFile(file, (spec) => {
        const key = another ? randomUUID() : createHash('sha256').update(canonicalJson(spec)).digest('hex');
        return showMeter(`submitting to ${host.name}`, host.submit(spec, key));
      });
      const { name } = job.spec;
      const submitted = { id: job.id, name, state: job.state, created, server: host.name };
      if (json && following) printEvent({ event: 'submitted', ...submitted });
      else if (json) printJson(submitted);
      else
        print(
          created
            ? `job ${job.id} (${name}) is submitted to ${host.name}`
            : `job ${job.id} (${name}) was there already, ${job.state}; --new makes another`,
        );
      if (following) process.exitCode = await watchJob(host, job.id, { json: json ?? false });
    });
  withExamples(
    command,
    'gradsmith submit examples/two-gaussians.yaml --server http://localhost:8080',
    'gradsmith submit examples/two-gaussians.yaml --server http://localhost:8080 --watch',
  );
}
