import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { withHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter, Meter } from '../meter.ts';
import { print, printJson } from '../output.ts';
import { describePoint } from '../text/numbers.ts';
import { groups, withExamples, withJson } from './define.ts';
import { DOCUMENT_ARGUMENT } from './report.ts';

export function addReplay(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('replay')
        .helpGroup(groups.look)
        .summary('compute every point of a job again and compare')
        .description(
          'Computes each suggestion of a job again from what the optimizer had seen, and compares it ' +
            'with the recorded point bit for bit.',
        )
        .argument('[job]', DOCUMENT_ARGUMENT),
    ),
    '{job, equal, differing, trials}',
  ).action(async (job: string | undefined, { json, ...at }: Partial<HostOptions> & { json?: boolean }) => {
    const [{ suggestPoint }, { versions }, { listSuggestedTrials, replayTrials }, { readDocument }] = await Promise.all(
      [
        import('@gradsmith/bayesopt'),
        import('@gradsmith/compute'),
        import('@gradsmith/core/trials'),
        import('../source.ts'),
      ],
    );
    const document = await showMeter('reading the job', readDocument(job, at));
    const total = listSuggestedTrials(document.spec, document.trials).length;
    const meter = new Meter('computing again');
    const trials = [];
    for (const trial of replayTrials(document.spec, document.trials, suggestPoint, versions)) {
      trials.push(trial);
      meter.show(trials.length, total, `${trials.length} of ${total} points`);
    }
    meter.end();
    const differing = trials.filter(({ equal }) => equal === false);
    const equal = trials.filter((trial) => trial.equal).length;
    process.exitCode = differing.length ? exitCodes.failed : exitCodes.done;
    if (json) return printJson({ job: document.job.id, equal, differing: differing.length, trials });
    for (const { trial, source } of trials.filter(({ equal }) => equal === null))
      print(`trial ${trial}: ${source}, nothing to compute`);
    for (const { trial, recorded, recomputed, otherVersions } of differing) {
      print(`trial ${trial}: recorded ${JSON.stringify(recorded)}, recomputed ${JSON.stringify(recomputed)}`);
      if (otherVersions)
        print(`  computed under ${describePoint(otherVersions)}: other versions may give other last bits`);
    }
    print(`${equal} of ${equal + differing.length} points reproduced bit for bit`);
  });
  withExamples(command, 'gradsmith replay', 'gradsmith replay two-gaussians --json');
}
