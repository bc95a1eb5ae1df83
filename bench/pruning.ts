// What pruning saves and what it costs: the same search on MNIST under each rule of search.pruning, run by the command
// line as its users run it. The metric is the area under the loss curve, or the validation loss or accuracy, which is
// then measured at each tenth of the steps.
//
// Steps: training steps of all search trials together, cut short or not. Best: the best value of a trial that ran to
// its end. Trials run one after the other, and two searches at a time. A trial learns at a heartbeat that it is pruned,
// so step counts depend a little on timing.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readOptions } from './lib/options.ts';

const rules = ['none', 'proven', 'median', 'asha', 'patience'] as const;
type Rule = (typeof rules)[number];

interface Setting {
  metric: 'aulc' | 'validation-loss' | 'validation-accuracy';
  validation: number;
  /** What is searched: a b-function, or the learning rate. */
  space: 'b-function' | 'learning-rate';
  optimizer: { name: string; learningRate: number };
  train: number;
  epochs: number;
  batchSize: number;
  trials: number;
  seeds: number[];
}

interface Outcome {
  setting: string;
  seed: number;
  pruning: Rule;
  trials: number;
  pruned: number;
  steps: number;
  best: number;
  seconds: number;
}

/**
 * As examples/demo.yaml with twice its epochs and half its examples: at the paper's learning rate, and where the loss
 * falls quickly.
 */
const aulc = { metric: 'aulc', validation: 100, space: 'b-function' } as const;
/** A search for the learning rate, whose trials differ much. */
const validated = {
  validation: 500,
  space: 'learning-rate',
  optimizer: { name: 'sgd', learningRate: 0.05 },
  train: 1000,
  epochs: 4,
  batchSize: 50,
  trials: 20,
  seeds: [7, 8],
} as const;
const full: Record<string, Setting> = {
  'validation-loss: sgd': { ...validated, metric: 'validation-loss', seeds: [...validated.seeds] },
  'validation-accuracy: sgd': { ...validated, metric: 'validation-accuracy', seeds: [...validated.seeds] },
  'slow: adadelta 0.01': {
    ...aulc,
    optimizer: { name: 'adadelta', learningRate: 0.01 },
    train: 1000,
    epochs: 4,
    batchSize: 50,
    trials: 20,
    seeds: [7, 8],
  },
  'quick: adam 0.001': {
    ...aulc,
    optimizer: { name: 'adam', learningRate: 0.001 },
    train: 1000,
    epochs: 4,
    batchSize: 50,
    trials: 20,
    seeds: [7, 8],
  },
};
const quick: Record<string, Setting> = {
  'quick: adam 0.001': {
    ...aulc,
    optimizer: { name: 'adam', learningRate: 0.001 },
    train: 400,
    epochs: 3,
    batchSize: 50,
    trials: 10,
    seeds: [7],
  },
};

function listRules({ metric }: Setting): readonly Rule[] {
  return rules.filter((rule) => rule !== (metric === 'aulc' ? 'patience' : 'proven'));
}

function buildJob(setting: Setting, seed: number, rule: Rule): object {
  const { metric, validation, space, optimizer, train, epochs, batchSize, trials } = setting;
  const steps = (train / batchSize) * epochs;
  const pruning = rule === 'patience' ? { rule, steps: Math.round(steps / 5) } : rule;
  const searched =
    space === 'b-function'
      ? { backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }] }
      : {};
  return {
    name: `pruning-${rule}`,
    objective: {
      kind: 'training',
      dataset: { name: 'mnist', train, validation },
      network: { name: 'cnn' },
      optimizer,
      epochs,
      batchSize,
      ...searched,
      metric,
      seed: 1,
      backend: 'wasm',
    },
    search: { algorithm: 'gp', trials, initial: 5, maxParallelism: 1, seed, pruning },
    space: space === 'learning-rate' ? { lr: learningRate } : {},
    // No confirmations run, but `top` counts: `proven` continues trials that may still be among the best three.
    confirm: { top: 3, seeds: 0 },
  };
}

const learningRate = { at: '/optimizer/learningRate', type: 'float', low: 0.001, high: 1, scale: 'log' };

const main = new URL('../apps/cli/src/main.ts', import.meta.url).pathname;

async function runCommand(...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [main, ...args], { maxBuffer: 1e8 })).stdout;
}

async function measureSearch(setting: string, job: Setting, seed: number, pruning: Rule): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-pruning-'));
  try {
    const file = join(folder, 'job.json');
    writeFileSync(file, JSON.stringify(buildJob(job, seed, pruning)));
    const start = performance.now();
    // Two slots, one used: a trainer takes half of the processors, and the other search the other half.
    await runCommand('run', file, '--data', folder, '--slots', '2', '--no-report');
    const seconds = Math.round((performance.now() - start) / 1000);
    const { items } = JSON.parse(await runCommand('trials', '--data', folder, '--role', 'search', '--json')) as {
      items: { state: string; value: number; metrics: { steps: number } }[];
    };
    const complete = items.filter(({ state }) => state === 'complete');
    return {
      setting,
      seed,
      pruning,
      trials: items.length,
      pruned: items.filter(({ state }) => state === 'pruned').length,
      steps: items.reduce((sum, { metrics }) => sum + metrics.steps, 0),
      best: chooseBest(
        job,
        complete.map(({ value }) => value),
      ),
      seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chooseBest({ metric }: Setting, values: readonly number[]): number {
  return metric === 'validation-accuracy' ? Math.max(...values) : Math.min(...values);
}

/** Runs two searches at a time, in order. Calls `onOutcome` for each. */
async function measureAll(
  settings: Record<string, Setting>,
  onOutcome: (outcomes: Outcome[]) => void,
): Promise<Outcome[]> {
  const queue = [0, 1].flatMap((n) =>
    Object.entries(settings).flatMap(([name, job]) =>
      listRules(job).flatMap((rule) =>
        job.seeds.slice(n, n + 1).map((seed) => () => measureSearch(name, job, seed, rule)),
      ),
    ),
  );
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      outcomes.push(await next());
      onOutcome(outcomes);
    }
  };
  await Promise.all([lane(), lane()]);
  return outcomes;
}

function printTable(outcomes: readonly Outcome[]): void {
  const head = ['setting', 'seed', 'pruning', 'pruned', 'steps', 'saved', 'best', 'of none'];
  const rows = Object.values(Object.groupBy(outcomes, ({ setting, seed }) => `${setting}/${seed}`)).flatMap((group) => {
    const none = group!.find(({ pruning }) => pruning === 'none')!;
    return group!
      .toSorted((a, b) => rules.indexOf(a.pruning) - rules.indexOf(b.pruning))
      .map(({ setting, seed, pruning, trials, pruned, steps, best }) => [
        setting,
        String(seed),
        pruning,
        `${pruned}/${trials}`,
        String(steps),
        `${(100 * (1 - steps / none.steps)).toFixed(1)} %`,
        best.toFixed(5),
        `${(100 * (best / none.best - 1)).toFixed(2)} %`,
      ]);
  });
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows])
    console.log(row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
}

const values = readOptions({
  command: 'pnpm bench:pruning',
  does: ['What pruning saves and what it costs: the same search on MNIST under each rule, by the command line. Hours.'],
  quick: 'one setting, one seed, fewer and shorter trials',
  options: {
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
    'pnpm bench:pruning --json pruning.json',
  ],
});
await runCommand('data', 'mnist');
const settings = Object.entries(values.quick ? quick : full).filter(([name]) => name.includes(values.setting));
const outcomes = await measureAll(Object.fromEntries(settings), (sofar) => {
  const { setting, seed, pruning, seconds } = sofar.at(-1)!;
  console.error(`${setting}, seed ${seed}, ${pruning}: ${seconds} s`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ outcomes: sofar }, null, 2)}\n`);
});
printTable(outcomes);
