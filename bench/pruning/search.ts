import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { computeLossCap, computePartialAulc } from '@gradsmith/core/objective';
import { replayRules, type Replay } from './replay-rules.ts';
import { buildJob, listRules, type Rule, type Setting } from './settings.ts';

export interface Outcome {
  setting: string;
  seed: number;
  pruning: Rule;
  trials: number;
  pruned: number;
  steps: number;
  best: number;
  /** Steps until a trial was as good as the best one of the search without pruning; null if none was. */
  stepsToBest: number | null;
  /** What rules would have stopped; only of a search without pruning for the smallest AULC. */
  replays: Replay[];
  seconds: number;
  /** In order. */
  items: { state: string; value: number; steps: number }[];
}
const main = new URL('../../apps/cli/src/main.ts', import.meta.url).pathname;

export async function runCommand(...args: string[]): Promise<string> {
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
      replays: isFull ? replayRules(job, await readAreas(folder), complete) : [],
      seconds,
      items: items.map(({ state, value, metrics }) => ({ state, value, steps: metrics.steps })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Classes of MNIST and CIFAR-10. */
const CLASSES = 10;

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
function chooseBest({ metric }: Setting, values: readonly number[]): number {
  return metric === 'validation-accuracy' ? Math.max(...values) : Math.min(...values);
}
/** Runs two searches at a time, in order. Calls `onOutcome` for each. */
export async function measureAll(
  settings: Record<string, Setting>,
  rules: readonly Rule[],
  onOutcome: (outcomes: Outcome[]) => void,
): Promise<Outcome[]> {
  const most = Math.max(...Object.values(settings).map(({ seeds }) => seeds.length));
  const queue = Array.from({ length: most }, (_, n) => n).flatMap((n) =>
    Object.entries(settings).flatMap(([name, job]) =>
      listRules(job, rules).flatMap((rule) =>
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
export function isPaired(a: Outcome, b: Outcome): boolean {
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
