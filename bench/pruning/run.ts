// What pruning saves and what it costs: the same search on MNIST or CIFAR-10 under each rule of search.pruning, run by
// the command line as its users run it. The metric is the area under the loss curve, or the validation loss or
// accuracy, which is then measured at each tenth of the steps.
//
// Steps: training steps of all search trials together, cut short or not. Best: the best value of a trial that ran to
// its end. Trials run one after the other, and two searches at a time. A trial learns at a heartbeat that it is pruned,
// so step counts depend a little on timing.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { numberFrom, readOptions } from '../lib/options.ts';
import { measureAll, runCommand } from './search.ts';
import { full, getDataset, parseRules, quick, rules, type Setting } from './settings.ts';
import { printSummary, printTable, summarize } from './summary.ts';

const values = readOptions({
  command: 'pnpm bench:pruning',
  does: ['What pruning saves and what it costs: the same search under each rule, by the command line. Hours.'],
  quick: 'one setting, one seed, fewer and shorter trials',
  options: {
    seeds: { takes: '<n>', meaning: 'search seeds of each setting; 0: its own', initial: '0', parse: numberFrom(0) },
    rules: {
      takes: '<names>',
      meaning: 'only these rules, separated by commas, and none',
      initial: rules.join(','),
      parse: parseRules,
    },
    trials: {
      takes: '<n>',
      meaning: 'trials of each search; 0: those of the setting',
      initial: '0',
      parse: numberFrom(0),
    },
    setting: {
      takes: '<text>',
      meaning: 'only the settings whose names contain the text',
      initial: '',
      parse: (text: string) => text,
    },
  },
  examples: [
    'pnpm bench:pruning',
    'pnpm bench:pruning --quick',
    'pnpm bench:pruning --setting validation',
    'pnpm bench:pruning --setting adam --rules predicted --seeds 10 --trials 40',
    'pnpm bench:pruning --json pruning.json',
  ],
});
const settings = Object.entries(values.quick ? quick : full)
  .filter(([name]) => name.includes(values.setting))
  .map(([name, setting]) => [name, changeSetting(setting)] as const);
const datasets = new Set(settings.map(([, setting]) => getDataset(setting)));
for (const dataset of datasets) await runCommand('data', dataset);
const outcomes = await measureAll(Object.fromEntries(settings), values.rules, (sofar) => {
  const { setting, seed, pruning, seconds } = sofar.at(-1)!;
  console.error(`${setting}, seed ${seed}, ${pruning}: ${seconds} s`);
});
printTable(outcomes);
const summaries = summarize(outcomes);
const shows = printSummary(summaries, outcomes);
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ ...describeMachine(), summaries, shows, outcomes })}\n`);

function changeSetting(setting: Setting): Setting {
  const seeds = values.seeds ? Array.from({ length: values.seeds }, (_, i) => 7 + i) : setting.seeds;
  return { ...setting, seeds, trials: values.trials || setting.trials };
}

function describeMachine(): object {
  const [cpu] = cpus();
  return { at: new Date().toISOString(), cpus: cpus().length, cpu: cpu?.model, load: loadavg(), node: process.version };
}
