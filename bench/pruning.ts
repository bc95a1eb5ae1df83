// What pruning saves and what it costs: the same search on MNIST under each rule of search.pruning, run by the command
// line as its users run it. The metric is the area under the loss curve, or the validation loss or accuracy, which is
// then measured at each tenth of the steps.
//
// Steps: training steps of all search trials together, cut short or not. Best: the best value of a trial that ran to
// its end. Trials run one after the other, and two searches at a time. A trial learns at a heartbeat that it is pruned,
// so step counts depend a little on timing.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  addFinalValue,
  addRungValue,
  computeMeanInterval,
  predictFinal,
  type RungsRecord,
} from '@gradsmith/core/domain';
import { computeLossCap, computePartialAulc } from '@gradsmith/core/objective';
import { InvalidArgumentError } from 'commander';
import { numberFrom, readOptions } from './lib/options.ts';
import { checkClaim, formatShows, formatTable, type Show } from './lib/shows.ts';

const rules = ['none', 'proven', 'median', 'asha', 'predicted', 'patience'] as const;
type Rule = (typeof rules)[number];

interface Setting {
  network: 'cnn' | 'mlp';
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
  /** Steps of the trials up to the first one as good as the best one of the search without pruning; null if none was. */
  stepsToBest: number | null;
  /** Of the trials of a search without pruning: how many `predicted` would stop, and how many of these are wrong. */
  predicted: { stopped: number; wrong: number } | null;
  seconds: number;
  /** In order. */
  items: { state: string; value: number; steps: number }[];
}

/**
 * As examples/demo.yaml with twice its epochs and half its examples: at the paper's learning rate, and where the loss
 * falls quickly.
 */
const aulc = { network: 'cnn', metric: 'aulc', validation: 100, space: 'b-function' } as const;
/** A search for the learning rate, whose trials differ much. */
const validated = {
  network: 'cnn',
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
  'mlp: adadelta 0.01': {
    ...aulc,
    network: 'mlp',
    optimizer: { name: 'adadelta', learningRate: 0.01 },
    train: 1000,
    epochs: 5,
    batchSize: 50,
    trials: 40,
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
  return values.rules.filter((rule) => rule !== (metric === 'aulc' ? 'patience' : 'proven'));
}

/** @throws InvalidArgumentError for a rule that does not exist */
function parseRules(text: string): readonly Rule[] {
  const names = text.split(',');
  const unknown = names.find((name) => !rules.includes(name as Rule));
  if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is not one of ${rules.join(', ')}.`);
  return rules.filter((rule) => rule === 'none' || names.includes(rule));
}

function buildJob(setting: Setting, seed: number, rule: Rule): object {
  const { network, metric, validation, space, optimizer, train, epochs, batchSize, trials } = setting;
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
      network: { name: network },
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
    confirm: { top: TOP, seeds: 0 },
  };
}

/** Classes of MNIST. */
const CLASSES = 10;
/** Points that would be confirmed. */
const TOP = 3;

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
      items: { number: number; state: string; value: number; metrics: { steps: number } }[];
    };
    const complete = items.filter(({ state }) => state === 'complete');
    const isFull = pruning === 'none' && job.metric === 'aulc';
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
      stepsToBest: null,
      predicted: isFull ? judgePredictions(await readAreas(folder), complete) : null,
      seconds,
      items: items.map(({ state, value, metrics }) => ({ state, value, steps: metrics.steps })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads the area under the loss curve up to each step, by trial. */
async function readAreas(folder: string): Promise<Map<number, number[]>> {
  const text = await runCommand('export', '--data', folder, '--format', 'jsonl', '--curves');
  const losses = new Map<number, number[]>();
  for (const line of text.trim().split('\n')) {
    const row = JSON.parse(line) as { role: string; number: number; series: string; step: number; value: number };
    if (row.role !== 'search' || row.series !== 'training loss') continue;
    losses.set(row.number, [...(losses.get(row.number) ?? []), row.value]);
  }
  const cap = computeLossCap(CLASSES);
  return new Map(
    [...losses].map(([number, curve]) => [
      number,
      curve.map((_, i) => computePartialAulc(curve.slice(0, i + 1), curve.length, cap)),
    ]),
  );
}

/**
 * Replays `predicted` over trials that were trained to their end: how many it stops, and how many of those would have
 * been better than the value that they were held against.
 */
function judgePredictions(
  areas: ReadonlyMap<number, number[]>,
  trials: readonly { number: number; value: number }[],
): { stopped: number; wrong: number } {
  let record: RungsRecord = { schema: 2, rungs: {} };
  const leaders: number[] = [];
  const counts = { stopped: 0, wrong: 0 };
  for (const { number, value } of trials) {
    const curve = areas.get(number)!;
    const rungs = Array.from({ length: 19 }, (_, i) => Math.ceil(((i + 1) * curve.length) / 20));
    const threshold = leaders.length < TOP ? null : leaders[TOP - 1]!;
    const isStopped = rungs.some((rung, i) => {
      record = addRungValue(record, rung, String(number), curve[rung - 1]!);
      const query = { trial: String(number), rung, before: rungs[i - 1] ?? null, isArea: true } as const;
      const bound = predictFinal(record, { ...query, direction: 'minimize' });
      return threshold !== null && bound !== null && bound > threshold;
    });
    if (isStopped) {
      counts.stopped += 1;
      if (value < threshold!) counts.wrong += 1;
    } else {
      record = addFinalValue(record, String(number), value);
      leaders.push(value);
      leaders.sort((a, b) => a - b);
    }
  }
  return counts;
}

function chooseBest({ metric }: Setting, values: readonly number[]): number {
  return metric === 'validation-accuracy' ? Math.max(...values) : Math.min(...values);
}

/** Runs two searches at a time, in order. Calls `onOutcome` for each. */
async function measureAll(
  settings: Record<string, Setting>,
  onOutcome: (outcomes: Outcome[]) => void,
): Promise<Outcome[]> {
  const most = Math.max(...Object.values(settings).map(({ seeds }) => seeds.length));
  const queue = Array.from({ length: most }, (_, n) => n).flatMap((n) =>
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
  for (const outcome of outcomes) {
    const none = outcomes.find((other) => isPaired(other, outcome) && other.pruning === 'none');
    if (none) outcome.stepsToBest = countStepsTo(outcome.items, none.best, settings[outcome.setting]!);
  }
  return outcomes;
}

function isPaired(a: Outcome, b: Outcome): boolean {
  return a.setting === b.setting && a.seed === b.seed;
}

/** A value that is worse by less than this share is as good. */
const TOLERANCE = 0.001;

function countStepsTo(items: Outcome['items'], target: number, { metric }: Setting): number | null {
  let steps = 0;
  for (const item of items) {
    steps += item.steps;
    const isMaximized = metric === 'validation-accuracy';
    const isGood = isMaximized ? item.value >= target * (1 - TOLERANCE) : item.value <= target * (1 + TOLERANCE);
    if (item.state === 'complete' && isGood) return steps;
  }
  return null;
}

/** What a rule saves and loses over the paired seeds of a setting. */
interface Summary {
  setting: string;
  pruning: Rule;
  pairs: number;
  /** Share of all steps that was not trained; mean and 95 % interval. */
  saved: ReturnType<typeof computeMeanInterval>;
  /** Relative difference of the best value; negative is better for minimized metrics. */
  best: ReturnType<typeof computeMeanInterval>;
  /** Searches that found the best value of the search without pruning, and their steps until then, of its steps. */
  found: number;
  stepsToBest: number | null;
}

function summarize(outcomes: readonly Outcome[]): Summary[] {
  const kinds = Object.values(Object.groupBy(outcomes, ({ setting, pruning }) => `${setting}/${pruning}`));
  return kinds.flatMap((group) => {
    const pairs = group!.flatMap((outcome) => {
      const none = outcomes.find((other) => isPaired(other, outcome) && other.pruning === 'none');
      return none ? [{ outcome, none }] : [];
    });
    const [{ setting, pruning }] = group as [Outcome];
    if (pruning === 'none' || !pairs.length) return [];
    const reached = pairs.filter(({ outcome, none }) => outcome.stepsToBest !== null && none.stepsToBest !== null);
    const sum = (key: 'outcome' | 'none'): number => reached.reduce((all, pair) => all + pair[key].stepsToBest!, 0);
    return [
      {
        setting,
        pruning,
        pairs: pairs.length,
        saved: computeMeanInterval(pairs.map(({ outcome, none }) => 1 - outcome.steps / none.steps)),
        best: computeMeanInterval(pairs.map(({ outcome, none }) => outcome.best / none.best - 1)),
        found: reached.length,
        stepsToBest: reached.length ? sum('outcome') / sum('none') : null,
      },
    ];
  });
}

function printSummary(summaries: readonly Summary[], outcomes: readonly Outcome[]): Show[] {
  const percent = ({ mean, interval }: Summary['saved']): string => {
    const range = interval ? ` [${interval.map((end) => (100 * end).toFixed(1)).join(', ')}]` : '';
    return `${(100 * mean).toFixed(1)}${range} %`;
  };
  const rows = summaries.map(({ setting, pruning, pairs, saved, best, found, stepsToBest }) => [
    setting,
    pruning,
    percent(saved),
    percent(best),
    `${found}/${pairs}`,
    stepsToBest === null ? '-' : stepsToBest.toFixed(2),
  ]);
  const head = ['setting', 'rule', 'steps saved', 'best, of none', 'found its best', 'steps to it'];
  console.log(`\n${formatTable([head, ...rows])}`);
  const judged = outcomes.flatMap(({ predicted }) => predicted ?? []);
  const stopped = judged.reduce((sum, counts) => sum + counts.stopped, 0);
  const wrong = judged.reduce((sum, counts) => sum + counts.wrong, 0);
  console.log(`\npredicted, replayed over the searches without pruning: ${wrong} of ${stopped} stops are wrong`);
  const shows = summaries
    .filter(({ pruning }) => pruning === 'predicted')
    .flatMap(({ setting, saved, best }) => [
      checkClaim(`predicted saves, ${setting}`, saved.mean, '', ['at least', 0.5]),
      checkClaim(`its best value, of none, ${setting}`, best.mean, '', ['at most', 0.001]),
    ]);
  shows.push(checkClaim('wrong stops of predicted', stopped ? wrong / stopped : null, '', ['at most', 0.025]));
  console.log(`\n${formatShows(shows)}`);
  return shows;
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
await runCommand('data', 'mnist');
const settings = Object.entries(values.quick ? quick : full)
  .filter(([name]) => name.includes(values.setting))
  .map(([name, setting]) => [name, changeSetting(setting)] as const);
const outcomes = await measureAll(Object.fromEntries(settings), (sofar) => {
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
