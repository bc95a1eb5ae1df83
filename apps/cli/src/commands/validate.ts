import { metricNameOf, spaceOf } from '@gradsmith/core';
import type { Command } from 'commander';
import { readJobFile } from '../job-file.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .summary('check a job file and show its search space')
    .argument('<job-file>', 'YAML or JSON')
    .addHelpText('after', '\nExample:\n  gradsmith validate examples/demo.yaml')
    .action((file: string) => {
      const spec = readJobFile(file);
      const { space, bindings } = spaceOf(spec);
      console.log(`${file} is a valid job: ${spec.name}, ${spec.search.trials} trials of ${metricNameOf(spec)}`);
      for (const [name, { type, ...rest }] of Object.entries(space)) {
        console.log(`  ${name.padEnd(16)} ${type} ${JSON.stringify(rest)} at ${bindings[name]}`);
      }
    });
}
