import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Optimizer, type Algorithm, type Point, type SpaceDefinition } from '@gradsmith/bayesopt';
import { PipedProgram } from '../lib/piped-program.ts';
import { pythonEnvironment } from '../lib/python.ts';

/** A problem of a suite. */
export interface SuiteProblem {
  readonly name: string;
  readonly space: SpaceDefinition;
  /** The least value, which is subtracted. */
  readonly minimum: number;
  readonly budget: number;
  readonly initial: number;
  evaluate(point: Point): number;
}

/** Runs one search of a problem and returns the best value after each trial. */
export type Searcher = (problem: SuiteProblem, seed: number) => Promise<number[]>;

/** Creates the search by one of our algorithms. */
export function createOwnSearcher(algorithm: Algorithm): Searcher {
  return async ({ space, budget, initial, evaluate }, seed) => {
    const optimizer = new Optimizer(space, { algorithm, seed, initial });
    return followBest(budget, async () => {
      const { number, point } = optimizer.ask()!;
      const value = evaluate(point);
      optimizer.tell(number, value);
      return value;
    });
  };
}

/** Creates the search by a method of bench/peers/ask_tell_peer.py, with further fields of its first message. */
export function createPeerSearcher(peer: PipedProgram, method: string, fields: object = {}): Searcher {
  return async ({ space, budget, initial, evaluate }, seed) => {
    let { point } = await peer.ask<{ point: Point }>({ ...fields, method, seed, initial, space });
    return followBest(budget, async () => {
      const value = evaluate(point);
      ({ point } = await peer.ask<{ point: Point }>({ value }));
      return value;
    });
  };
}

async function followBest(budget: number, runTrial: () => Promise<number>): Promise<number[]> {
  const best: number[] = [];
  for (let number = 0; number < budget; number++) {
    const value = await runTrial();
    best.push(Math.min(value, best.at(-1) ?? Infinity));
  }
  return best;
}

/** The Python environments of the peer: with cma, or with what the GPSampler of Optuna needs. */
const requirements = { 'ask-tell': 'ask-tell-requirements.txt', optuna: 'requirements.txt' } as const;

/** Starts the peer and describes the circumstances of the comparison. */
export async function startPeer(
  environment: keyof typeof requirements = 'ask-tell',
): Promise<{ peer: PipedProgram; circumstances: string }> {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const python = pythonEnvironment(environment, here(`../peers/${requirements[environment]}`));
  const peer = new PipedProgram('the peer', python, [here('../peers/ask_tell_peer.py')], { OMP_NUM_THREADS: '1' });
  const { versions } = await peer.next<{ versions: object }>();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
  const node = process.version;
  return {
    peer,
    circumstances: `${new Date().toISOString().slice(0, 10)}, ${machine}, Node ${node}, ${JSON.stringify(versions)}`,
  };
}

export interface SuiteRow {
  readonly problem: string;
  readonly method: string;
  /** Regret of each seed at the end. */
  readonly regrets: readonly number[];
}

/** Searches every problem by every method. Seeds count from `first`. */
export async function measureSuite<Problem extends Pick<SuiteProblem, 'name' | 'minimum'>>(
  problems: readonly Problem[],
  methods: Readonly<Record<string, (problem: Problem, seed: number) => Promise<readonly number[]>>>,
  { first, seeds }: { first: number; seeds: number },
): Promise<SuiteRow[]> {
  const rows: SuiteRow[] = [];
  for (const problem of problems) {
    for (const [method, search] of Object.entries(methods)) {
      const regrets: number[] = [];
      for (let seed = first; seed < first + seeds; seed++) {
        const best = await search(problem, seed);
        regrets.push(best.at(-1)! - problem.minimum);
      }
      rows.push({ problem: problem.name, method, regrets });
      process.stderr.write(`${problem.name} ${method}\n`);
    }
  }
  return rows;
}

/** Returns the median, or another quantile. */
export function findQuantile(values: readonly number[], q = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

export function formatSuite(rows: readonly SuiteRow[]): string[][] {
  const head = ['problem', 'method', 'median', 'lower quartile', 'upper quartile', 'worst'];
  const body = rows.map(({ problem, method, regrets }) => [
    problem,
    method,
    ...[0.5, 0.25, 0.75, 1].map((q) => findQuantile(regrets, q).toPrecision(2)),
  ]);
  return [head, ...body];
}
