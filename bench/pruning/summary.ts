import { computeMeanInterval } from '@gradsmith/core/domain';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import type { Replay } from './replay-rules.ts';
import { isPaired, type Outcome } from './search.ts';
import { full, quick, rules, TOP, type Rule } from './settings.ts';

/** What a rule saves and loses over the paired seeds of a setting. */
export interface Summary {
  setting: string;
  pruning: Rule;
  pairs: number;
  /** Share of all steps that was not trained; mean and 95 % interval. */
  saved: ReturnType<typeof computeMeanInterval>;
  /** How much worse the best value is, relative to that without pruning; negative is better. */
  best: ReturnType<typeof computeMeanInterval>;
  /** Searches that found the best value of the search without pruning, and their steps until then, of its steps. */
  found: number;
  stepsToBest: number | null;
}

export function summarize(outcomes: readonly Outcome[]): Summary[] {
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
        best: computeMeanInterval(pairs.map(({ outcome, none }) => computeLoss(outcome, none))),
        found: reached.length,
        stepsToBest: reached.length ? sum('outcome') / sum('none') : null,
      },
    ];
  });
}

/** Returns the share by which the best value of a search is worse than that of the other; negative if it is better. */
function computeLoss(outcome: Outcome, none: Outcome): number {
  const { metric } = { ...quick, ...full }[outcome.setting]!;
  return (metric === 'validation-accuracy' ? -1 : 1) * (outcome.best / none.best - 1);
}

export function printSummary(summaries: readonly Summary[], outcomes: readonly Outcome[]): Show[] {
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
  const head = ['setting', 'rule', 'steps saved', 'best is worse by', 'found its best', 'steps to it'];
  console.log(`\n${formatTable([head, ...rows])}`);
  const replays = sumReplays(outcomes);
  const shares = replays.map(({ rule, trials, stopped, wrong, missed }) => [
    rule,
    `${stopped} of ${trials}`,
    String(wrong),
    String(missed),
  ]);
  const replayHead = ['replayed without pruning', 'stopped', `better than the worst of the best ${TOP}`, 'than all'];
  if (shares.length) console.log(`\n${formatTable([replayHead, ...shares])}`);
  const shows = summaries
    .filter(({ pruning, setting }) => pruning === 'asha' && { ...quick, ...full }[setting]!.metric === 'aulc')
    .flatMap(({ setting, saved, best }) => [
      checkClaim(`asha saves, ${setting}`, saved.mean, '', ['at least', 0.5]),
      // If the interval has 0, no difference was measured.
      checkClaim(`its best is worse by at least, ${setting}`, best.interval?.[0] ?? null, '', ['at most', 0]),
    ]);
  const predicted = replays.find(({ rule }) => rule === 'predicted');
  const share = predicted?.stopped ? predicted.wrong / predicted.stopped : null;
  shows.push(checkClaim('wrong stops of predicted', share, '', ['at most', 0.025]));
  console.log(`\n${formatShows(shows)}`);
  return shows;
}

/** Adds up what each rule would have stopped in all searches without pruning. */
function sumReplays(outcomes: readonly Outcome[]): Replay[] {
  const byRule = Map.groupBy(
    outcomes.flatMap(({ replays }) => replays),
    ({ rule }) => rule,
  );
  const sum = (all: readonly Replay[], key: 'trials' | 'stopped' | 'wrong' | 'missed'): number =>
    all.reduce((total, each) => total + each[key], 0);
  return [...byRule].map(([rule, all]) => ({
    rule,
    trials: sum(all, 'trials'),
    stopped: sum(all, 'stopped'),
    wrong: sum(all, 'wrong'),
    missed: sum(all, 'missed'),
  }));
}

export function printTable(outcomes: readonly Outcome[]): void {
  const head = ['setting', 'seed', 'pruning', 'pruned', 'steps', 'saved', 'best', 'worse by'];
  const rows = Object.values(Object.groupBy(outcomes, ({ setting, seed }) => `${setting}/${seed}`)).flatMap((group) => {
    const none = group!.find(({ pruning }) => pruning === 'none')!;
    return group!
      .toSorted((a, b) => rules.indexOf(a.pruning) - rules.indexOf(b.pruning))
      .map((outcome) => [
        outcome.setting,
        String(outcome.seed),
        outcome.pruning,
        `${outcome.pruned}/${outcome.trials}`,
        String(outcome.steps),
        `${(100 * (1 - outcome.steps / none.steps)).toFixed(1)} %`,
        outcome.best.toFixed(5),
        `${(100 * computeLoss(outcome, none)).toFixed(2)} %`,
      ]);
  });
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows])
    console.log(row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
}
