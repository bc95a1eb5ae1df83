import { suggest } from '@gradsmith/bayesopt';
import { versions } from '@gradsmith/coordinator';
import { replay } from '@gradsmith/core';
import type { Command } from 'commander';
import { defaultDataDir, defaultServer } from '../env.ts';
import { describePoint } from '../progress.ts';
import { readDocument, type SourceOptions } from '../source.ts';

export function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('compute every point of a job again and compare')
    .description('Computes each suggestion of a job again from what the optimizer had seen, and compares it with the recorded point bit for bit.')
    .argument('<job>', 'id of the job, or a file with an exported one')
    .option('--data <folder>', 'folder of the embedded ledger', defaultDataDir)
    .option('--server <url>', 'API to read the job from', defaultServer)
    .addHelpText('after', '\nExamples:\n  gradsmith replay job_0123456789abcdef0123\n  gradsmith replay job_0123456789abcdef0123 --server http://localhost:8080')
    .action(async (job: string, options: SourceOptions) => {
      const { spec, trials } = await readDocument(job, options);
      let equal = 0;
      let differing = 0;
      for (const trial of replay(spec, trials, suggest, versions)) {
        if (trial.equal === null) console.log(`trial ${trial.number}: ${trial.source}, nothing to compute`);
        else if (trial.equal) equal += 1;
        else {
          differing += 1;
          console.log(`trial ${trial.number}: recorded ${JSON.stringify(trial.recorded)}, recomputed ${JSON.stringify(trial.recomputed)}`);
          if (trial.otherVersions) console.log(`  computed under ${describePoint(trial.otherVersions)}: other versions may give other last bits`);
        }
      }
      console.log(`${equal} of ${equal + differing} points reproduced bit for bit`);
      process.exitCode = differing ? 1 : 0;
    });
}
