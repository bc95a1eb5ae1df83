import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { quoteArgument } from '@gradsmith/core/domain';
import { makeFolder } from '@gradsmith/training/make-folder';
import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

/** Files of examples/, by name. */
export const templates = {
  'meta-network-mnist': 'a b-function for a small network on MNIST, by a meta-network',
  'paper-3.2': "the paper's search, reduced in size: a b-function for SimpleNet on CIFAR-10",
  'two-gaussians': "the network of the paper's small experiment; takes seconds",
  formula: 'a formula for g with a constant, in a network of your own',
  'binary-mnist': 'the surrogate derivative of a network with binary weights and activations',
  'annealed-surrogate': 'a formula that changes with the progress of the training',
  residual: 'a residual network of your own, with a formula that its layers share',
  transformer: 'a formula for the gelu layers of a transformer; takes a minute',
  dictionary: 'a weighted sum of known functions, shared by all layers',
  'learning-rate': 'learning rate and momentum on MNIST, without a b-function',
  external: 'a program of your own, tuned with ask and tell',
} as const;
type Template = keyof typeof templates;

interface InitOptions {
  template: Template;
  json?: boolean;
}

export function addInit(program: Command): void {
  const listed = Object.entries(templates)
    .map(([name, what]) => `  ${name.padEnd(22)} ${what}`)
    .join('\n');
  const command = withJson(
    program
      .command('init')
      .helpGroup(groups.start)
      .summary('write a commented job file to start from')
      .description(
        `Writes a job file with everything explained in it. One that is there already is never ` +
          `overwritten.\n\nTemplates:\n${listed}`,
      )
      .argument('[job-file]', 'where to write it', 'job.yaml'),
    '{file, template}',
  )
    .addOption(
      new Option('--template <name>', 'what it searches').choices(Object.keys(templates)).default('meta-network-mnist'),
    )
    .action((file: string, { template, json }: InitOptions) => {
      const text = readFileSync(new URL(`../../../../examples/${template}.yaml`, import.meta.url), 'utf8');
      makeFolder(dirname(file));
      try {
        writeFileSync(file, text, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new Failure(
          exitCodes.refused,
          'file-exists',
          `${file} is there already and is left as it is; name another file: gradsmith init other.yaml`,
        );
      }
      if (json) return printJson({ file, template });
      const argument = quoteArgument(file);
      const start = template === 'external' ? `submit ${argument} --server http://localhost:8080` : `run ${argument}`;
      print(`${file} is written (${template}). Next:\n  gradsmith validate ${argument}\n  gradsmith ${start}`);
    });
  withExamples(command, 'gradsmith init', 'gradsmith init gaussians.yaml --template two-gaussians');
}
