// Compares the optimizer with the samplers of Optuna. See README.md.
import { writeFileSync } from 'node:fs';
import { numberFrom, oneOf, readOptions } from '../lib/options.ts';
import { createProgress } from '../lib/progress.ts';
import { formatShows, type Show } from '../lib/shows.ts';
import {
  CENSORED_PROBLEMS,
  listCensoredSearches,
  useSharedStart,
  listSearches,
  listTimings,
  TIMED_AT,
  TIMED_PROBLEM,
} from './plan.ts';
import { runSuites } from './run-suites.ts';
import { answerAll, createOurSide, createPeerSide, type Question, type Side } from './runners.ts';
import {
  buildCensoredRows,
  checkCensored,
  formatCensored,
  checkRegrets,
  formatRegrets,
  buildRows,
  checkTimes,
  formatTimes,
} from './summary.ts';

const options = readOptions({
  command: 'pnpm bench:bayesopt',
  does: [
    "Searches twelve problems with our optimizer and Optuna's samplers, and times single suggestions. Takes hours.",
    'Results are appended to bench/results/bayesopt, so that the same command continues after a stop.',
  ],
  quick: 'a smoke run of our optimizer against the recorded results of Optuna, and of each suite, under 50 s',
  options: {
    seeds: { takes: '<n>', meaning: 'seeds of each search', initial: '20', parse: numberFrom(1) },
    pending: {
      takes: '<n,n,…>',
      meaning: 'trials pending at each suggestion',
      initial: '0,4,16',
      parse: (text: string) => text.split(',').map(numberFrom(0)),
    },
    side: {
      takes: '<side>',
      meaning: 'who searches: both, ours, peers, or none to show recorded results',
      initial: 'both',
      parse: oneOf('both', 'ours', 'peers', 'none'),
    },
    suites: {
      takes: '<which>',
      meaning: 'all: then the suites of conditional, cma-es, constrained and pareto; none; or only these',
      initial: 'all',
      parse: oneOf('all', 'none', 'only'),
    },
    minutes: {
      takes: '<m>',
      meaning: 'start no search after this many minutes',
      initial: 'Infinity',
      parse: numberFrom(0, { whole: false }),
    },
  },
  examples: [
    'pnpm bench:bayesopt',
    'pnpm bench:bayesopt --quick',
    'pnpm bench:bayesopt --side ours --seeds 5 --pending 0,4 --minutes 30',
    'pnpm bench:bayesopt --side none --json bayesopt.json',
  ],
});
const { seeds, pending: pendings } = options;
const until = performance.now() + (options.quick ? 15_000 : 60_000 * options.minutes);

const ours = createOurSide(!options.quick);
const theirs = createPeerSide();

function listQuestions(side: 'ours' | 'peers'): Question[] {
  if (options.side !== 'both' && options.side !== side) return [];
  if (side === 'peers') return listSearches(['optuna-gp', 'optuna-tpe'], pendings, seeds);
  return useSharedStart([...listSearches(['gradsmith'], pendings, seeds), ...listCensoredSearches(seeds)]);
}

/** Runs our side alone on the cheapest problems, to compare with the recorded results of the peers. */
async function runQuick(): Promise<void> {
  const cheap = listSearches(['gradsmith'], [0, 4], 3).filter(({ problem }) =>
    ['branin-2', 'hartmann-3', 'mixed-6'].includes(problem),
  );
  const times = listTimings('gradsmith').filter(
    (question) =>
      'timed' in question &&
      question.problem === TIMED_PROBLEM &&
      [TIMED_AT[2], TIMED_AT[4]].includes(question.timed as 500),
  );
  await answerAll(ours, [...times, ...cheap], createProgress('ours'), until);
}

/** Runs the searches of both sides at once, then the timings of one side after the other. */
async function runAll(): Promise<void> {
  const sides: [Side, 'ours' | 'peers'][] = [
    [ours, 'ours'],
    [theirs, 'peers'],
  ];
  await Promise.all(sides.map(([side, name]) => answerAll(side, listQuestions(name), createProgress(name), until)));
  for (const [side, name] of sides) {
    if (options.side !== 'both' && options.side !== name) continue;
    const methods = name === 'ours' ? (['gradsmith'] as const) : (['optuna-gp', 'optuna-tpe'] as const);
    await answerAll(
      side,
      methods.flatMap((method) => listTimings(method)),
      createProgress(name),
      until,
    );
  }
}

if (options.suites !== 'only') await (options.quick ? runQuick() : runAll());
process.stderr.write('\n');

const results = [...ours.file.results, ...theirs.file.results];
const times = [...ours.file.timings, ...theirs.file.timings];
const shows: Show[] = [];
const rows = pendings.flatMap((pending) => {
  const here = buildRows(results, pending);
  if (here.length === 0) return [];
  const mode = pending === 0 ? 'sequential' : `${pending} trials pending`;
  console.log(`\nSimple regret, ${mode}: median [quartiles] worst seed\n${formatRegrets(here)}`);
  if (pending < 16) shows.push(...checkRegrets(here, pending));
  return here;
});
if (times.length > 0) console.log(`\n${formatTimes(times)}`);
const censored = buildCensoredRows(results);
if (censored.length > 0) console.log(`\nSimple regret of ${CENSORED_PROBLEMS.join(', ')}\n${formatCensored(censored)}`);
shows.push(...checkCensored(censored), ...checkTimes(times));
const series = [
  ...new Set(
    [...ours.file.series, ...theirs.file.series].map(
      ({ date, machine, versions }) => `${date} on ${machine}: ${JSON.stringify(versions)}`,
    ),
  ),
];
console.log(`\nConditions:\n${series.join('\n')}`);
if (options.quick)
  console.log(
    '\nThis is a smoke run: few seeds of few problems against recorded results of Optuna, which did not run.',
  );
console.log(`\n${formatShows(shows)}`);
const suites = options.suites === 'none' ? {} : runSuites(options.quick);
if (options.json !== undefined) {
  const circumstances = { ours: ours.file.series, peers: theirs.file.series };
  const report = { quick: options.quick, shows, regret: rows, censored, timings: times, circumstances, suites };
  writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
}
