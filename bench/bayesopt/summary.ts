import { checkClaim, formatTable, type Show } from '../lib/shows.ts';
import { CENSORED_PROBLEMS, comparedProblems, MANY, TIMED_AT, TIMED_PROBLEM, WIDE_PROBLEM } from './plan.ts';
import { findProblem, createRandomHistory, type Job } from './protocol.ts';
import type { RawResult, RawTiming } from './raw.ts';

export interface Quartiles {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly worst: number;
}

export interface Row {
  readonly problem: string;
  readonly pending: number;
  /** Number of seeds with results of every method of the row; the figures are over these seeds. */
  readonly seeds: number;
  readonly regret: Partial<Record<Job['method'], Quartiles>>;
}

/** Computes quartiles by linear interpolation between order statistics. */
export function computeQuartiles(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)]!;
    return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low);
  };
  return { lower: at(0.25), median: at(0.5), upper: at(0.75), worst: at(1) };
}

export function computeRegret({ problem, improvements }: RawResult): number {
  return improvements.at(-1)![1] - findProblem(problem).minimum;
}

const METHODS = ['gradsmith', 'optuna-gp', 'optuna-tpe'] as const;

/**
 * Builds one row per problem, in the order of the problems. Leaves out methods without results at this number of
 * pending trials.
 */
export function buildRows(results: readonly RawResult[], pending: number): Row[] {
  const here = results.filter((result) => result.pending === pending && result.censor === undefined);
  return comparedProblems.flatMap((problem) => {
    const bySeed = METHODS.map((method) => ({
      method,
      regrets: new Map(
        here
          .filter((result) => result.problem === problem && result.method === method)
          .map((result) => [result.seed, computeRegret(result)]),
      ),
    })).filter(({ regrets }) => regrets.size > 0);
    const pairing = bySeed.filter(({ method }) => method !== 'optuna-tpe');
    const seeds = [...(pairing[0]?.regrets.keys() ?? [])].filter((seed) =>
      pairing.every(({ regrets }) => regrets.has(seed)),
    );
    if (seeds.length === 0) return [];
    const quartiles = bySeed.map(({ method, regrets }) => [
      method,
      computeQuartiles(
        [...regrets].filter(([seed]) => method === 'optuna-tpe' || seeds.includes(seed)).map(([, regret]) => regret),
      ),
    ]);
    return [{ problem, pending, seeds: seeds.length, regret: Object.fromEntries(quartiles) as Row['regret'] }];
  });
}

function formatShort(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3);
}

export function formatRegrets(rows: readonly Row[]): string {
  const cell = (q?: Quartiles): string =>
    q ? `${formatShort(q.median)} [${formatShort(q.lower)}, ${formatShort(q.upper)}] ${formatShort(q.worst)}` : '-';
  const methods = METHODS.filter((method) => rows.some(({ regret }) => regret[method]));
  return formatTable([
    ['problem', 'seeds', ...methods],
    ...rows.map((row) => [row.problem, String(row.seeds), ...methods.map((method) => cell(row.regret[method]))]),
  ]);
}

/** Counts the problems on which our regret is at most the peer's; null if a problem lacks results of either side. */
function countWins(rows: readonly Row[], figure: 'median' | 'worst'): number | null {
  const both = rows.filter(({ regret }) => regret.gradsmith && regret['optuna-gp']);
  return both.length < comparedProblems.length
    ? null
    : both.filter(({ regret }) => regret.gradsmith![figure] <= regret['optuna-gp']![figure]).length;
}

export function checkRegrets(rows: readonly Row[], pending: number): Show[] {
  const how = pending === 0 ? 'sequential' : `${pending} pending`;
  return [
    checkClaim(
      `median regret at most GPSampler's, ${how}`,
      countWins(rows, 'median'),
      `of ${comparedProblems.length} problems`,
      ['at least', 9],
    ),
    checkClaim(
      `worst seed no worse than GPSampler's, ${how}`,
      countWins(rows, 'worst'),
      `of ${comparedProblems.length} problems`,
      ['at least', 8],
    ),
  ];
}

export function findTime(
  timings: readonly RawTiming[],
  method: Job['method'],
  problem: string,
  n: number,
): number | null {
  const timing = timings.find((each) => each.method === method && each.problem === problem && each.timed === n);
  return timing ? computeQuartiles(timing.milliseconds).median : null;
}

export function formatTimes(timings: readonly RawTiming[]): string {
  const methods = METHODS.filter((method) => timings.some((timing) => timing.method === method));
  const columns = [...TIMED_AT.map((n) => [TIMED_PROBLEM, n] as const), [WIDE_PROBLEM, MANY] as const];
  const cell = (ms: number | null): string => (ms === null ? '-' : ms.toFixed(ms < 100 ? 1 : 0));
  return formatTable([
    ['ms per suggestion', ...columns.map(([problem, n]) => `${problem === TIMED_PROBLEM ? '' : `${problem} `}n=${n}`)],
    ...methods.map((method) => [method, ...columns.map(([problem, n]) => cell(findTime(timings, method, problem, n)))]),
  ]);
}

export function checkTimes(timings: readonly RawTiming[]): Show[] {
  const ours = (problem: string, n: number): number | null => findTime(timings, 'gradsmith', problem, n);
  const theirs = findTime(timings, 'optuna-gp', TIMED_PROBLEM, 500);
  const share = theirs === null || ours(TIMED_PROBLEM, 500) === null ? null : ours(TIMED_PROBLEM, 500)! / theirs;
  return [
    checkClaim("share of GPSampler's time for a suggestion, n = 500, d = 6", share, '', ['at most', 0.2]),
    checkClaim('a suggestion at n = 2000, d = 6', ours(TIMED_PROBLEM, 2000), 'ms', ['below', 250]),
    checkClaim('a suggestion at n = 1000, d = 60 works', ours(WIDE_PROBLEM, MANY), 'ms', ['below', 5000]),
  ];
}

export interface CensoredRow {
  readonly problem: string;
  readonly seeds: number;
  readonly uncensored: Quartiles;
  /** Half of the trials are reported as pruned at a bound. */
  readonly bound: Quartiles;
  /** The same trials are reported as failed. */
  readonly drop: Quartiles;
  /** Mean share of trials that were censored. */
  readonly share: number;
  /** Cost of censoring: the difference of the median regrets divided by the median regret of a random point. */
  readonly cost: number;
}

export function buildCensoredRows(results: readonly RawResult[]): CensoredRow[] {
  return CENSORED_PROBLEMS.flatMap((problem) => {
    const of = (censor: Job['censor']): RawResult[] =>
      results.filter(
        (each) =>
          each.method === 'gradsmith' && each.problem === problem && each.pending === 0 && each.censor === censor,
      );
    const bounds = of('bound');
    const seeds = bounds.map(({ seed }) => seed);
    const [plain, drop] = [of(undefined), of('drop')].map((list) =>
      list.filter(({ seed }) => seeds.includes(seed)).map(computeRegret),
    );
    if (bounds.length === 0 || plain!.length < bounds.length || drop!.length < bounds.length) return [];
    const [uncensored, bound] = [computeQuartiles(plain!), computeQuartiles(bounds.map(computeRegret))];
    const random =
      computeQuartiles(createRandomHistory(findProblem(problem), 1000, 7).map(([, value]) => value)).median -
      findProblem(problem).minimum;
    const share = bounds.reduce((sum, { censored = 0, budget }) => sum + censored / budget, 0) / bounds.length;
    return [
      {
        problem,
        seeds: seeds.length,
        uncensored,
        bound,
        drop: computeQuartiles(drop!),
        share,
        cost: (bound.median - uncensored.median) / random,
      },
    ];
  });
}

export function formatCensored(rows: readonly CensoredRow[]): string {
  return formatTable([
    ['half the trials pruned', 'seeds', 'share', 'none pruned', 'as bounds', 'as failed'],
    ...rows.map((row) => [
      row.problem,
      String(row.seeds),
      row.share.toFixed(2),
      ...[row.uncensored, row.bound, row.drop].map((q) => `${formatShort(q.median)}, worst ${formatShort(q.worst)}`),
    ]),
  ]);
}

export function checkCensored(rows: readonly CensoredRow[]): Show[] {
  const most = rows.length === 0 ? null : Math.max(...rows.map(({ cost }) => cost));
  return [checkClaim("regret lost when half the trials are pruned, of a random point's", most, '', ['at most', 0.02])];
}
