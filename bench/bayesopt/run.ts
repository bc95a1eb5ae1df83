// The optimizer beside Optuna's. See README.md.
import { writeFileSync } from 'node:fs';
import { numberFrom, oneOf, readOptions } from '../lib/options.ts';
import { progressOf } from '../lib/progress.ts';
import { showsTable, type Show } from '../lib/shows.ts';
import {
  CENSORED_PROBLEMS,
  censoredSearches,
  fromSharedStart,
  searches,
  timings,
  TIMED_AT,
  TIMED_PROBLEM,
} from './plan.ts';
import { answerAll, gradsmith, optuna, type Question, type Side } from './runners.ts';
import {
  censoredRows,
  censoredShows,
  censoredTable,
  regretShows,
  regretTable,
  rowsOf,
  timeShows,
  timeTable,
} from './summary.ts';

const options = readOptions({
  command: 'pnpm bench:bayesopt',
  does: [
    "Searches twelve problems with our optimizer and with Optuna's samplers, and times single suggestions: hours. Results are kept in",
    'bench/results/bayesopt as they come: stop it, and the same command goes on where it was.',
  ],
  quick: "a smoke run of our side on the peers' recorded figures, under 50 s",
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
      meaning: 'who searches now: both, ours, peers or none, which shows what is recorded',
      initial: 'both',
      parse: oneOf('both', 'ours', 'peers', 'none'),
    },
    minutes: {
      takes: '<m>',
      meaning: 'stop beginning searches after so long',
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
const until = performance.now() + (options.quick ? 35_000 : 60_000 * options.minutes);

const ours = gradsmith(!options.quick);
const theirs = optuna();

function questionsOf(side: 'ours' | 'peers'): Question[] {
  if (options.side !== 'both' && options.side !== side) return [];
  if (side === 'peers') return searches(['optuna-gp', 'optuna-tpe'], pendings, seeds);
  return fromSharedStart([...searches(['gradsmith'], pendings, seeds), ...censoredSearches(seeds)]);
}

/** A smoke run: our side alone on the cheapest problems, held against the recorded figures of the peers. */
async function quick(): Promise<void> {
  const cheap = searches(['gradsmith'], [0, 4], 3).filter(({ problem }) =>
    ['branin-2', 'hartmann-3', 'mixed-6'].includes(problem),
  );
  const times = timings('gradsmith').filter(
    (question) =>
      'timed' in question &&
      question.problem === TIMED_PROBLEM &&
      [TIMED_AT[2], TIMED_AT[4]].includes(question.timed as 500),
  );
  await answerAll(ours, [...times, ...cheap], progressOf('ours'), until);
}

/** Searches of both sides at once, then the times of one side after the other, with nothing beside them. */
async function whole(): Promise<void> {
  const sides: [Side, 'ours' | 'peers'][] = [
    [ours, 'ours'],
    [theirs, 'peers'],
  ];
  await Promise.all(sides.map(([side, name]) => answerAll(side, questionsOf(name), progressOf(name), until)));
  for (const [side, name] of sides) {
    if (options.side !== 'both' && options.side !== name) continue;
    const methods = name === 'ours' ? (['gradsmith'] as const) : (['optuna-gp', 'optuna-tpe'] as const);
    await answerAll(
      side,
      methods.flatMap((method) => timings(method)),
      progressOf(name),
      until,
    );
  }
}

await (options.quick ? quick() : whole());
process.stderr.write('\n');

const results = [...ours.file.results, ...theirs.file.results];
const times = [...ours.file.timings, ...theirs.file.timings];
const shows: Show[] = [];
const rows = pendings.flatMap((pending) => {
  const here = rowsOf(results, pending);
  if (here.length === 0) return [];
  console.log(
    `\nSimple regret, ${pending === 0 ? 'one trial after the other' : `${pending} trials pending`}: median [quartiles] worst seed\n${regretTable(here)}`,
  );
  if (pending < 16) shows.push(...regretShows(here, pending));
  return here;
});
if (times.length > 0) console.log(`\n${timeTable(times)}`);
const censored = censoredRows(results);
if (censored.length > 0) console.log(`\nSimple regret of ${CENSORED_PROBLEMS.join(', ')}\n${censoredTable(censored)}`);
shows.push(...censoredShows(censored), ...timeShows(times));
const stretches = [
  ...new Set(
    [...ours.file.stretches, ...theirs.file.stretches].map(
      ({ date, machine, versions }) => `${date} on ${machine}: ${JSON.stringify(versions)}`,
    ),
  ),
];
console.log(`\nMade under:\n${stretches.join('\n')}`);
if (options.quick)
  console.log("\nA smoke run: few seeds of few problems, beside the peers' recorded figures; no peer ran now.");
console.log(`\n${showsTable(shows)}`);
if (options.json !== undefined) {
  writeFileSync(
    options.json,
    `${JSON.stringify({ quick: options.quick, shows, regret: rows, censored, timings: times, circumstances: { ours: ours.file.stretches, peers: theirs.file.stretches } }, null, 1)}\n`,
  );
}
