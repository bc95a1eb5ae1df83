import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Point } from '@gradsmith/bayesopt';
import { PipedProgram } from '../lib/piped-program.ts';
import { pythonEnvironment } from '../lib/python.ts';
import {
  findProblem,
  createRandomHistory,
  type Job,
  type SearchResult,
  type StartJob,
  type TimingJob,
} from './protocol.ts';
import { currentProblems, RawFile, type Conditions, type RawTiming } from './raw.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const REQUIREMENTS = here('../peers/requirements.txt');
const SOURCE = here('../../packages/bayesopt/src');

/** A side of the comparison: the file of its results and how to start its program. */
export interface Side {
  readonly file: RawFile;
  readonly source: string;
  start(): PipedProgram;
}

/** @param recorded whether results are kept, and results of the same code are reused */
export function createOurSide(recorded: boolean): Side {
  const hash = createHash('sha256');
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort();
  for (const name of files) hash.update(name).update(readFileSync(join(SOURCE, name)));
  const source = hash.digest('hex').slice(0, 12);
  return {
    source,
    file: new RawFile(source, recorded ? here('../results/bayesopt/gradsmith.jsonl') : undefined),
    start: () => new PipedProgram('the search runner', process.execPath, [here('search.ts')]),
  };
}

export function createPeerSide(): Side {
  const source = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  return {
    source,
    file: new RawFile(source, here('../results/bayesopt/optuna.jsonl')),
    // Each side has one thread. Searches of these sizes gain little from more, and the times are comparable.
    start: () =>
      new PipedProgram(
        'the Optuna peer',
        pythonEnvironment('optuna', REQUIREMENTS),
        [here('../peers/optuna_peer.py'), process.execPath, here('serve.ts')],
        { OMP_NUM_THREADS: '1' },
      ),
  };
}

/** Gets the first points of the peer from a separate process, which is started at the first call. */
class SharedStarts {
  #peer: PipedProgram | undefined;

  async getPoints({ problem, seed, initial, pending }: Job): Promise<Point[]> {
    if (!this.#peer) {
      this.#peer = createPeerSide().start();
      await this.#peer.next();
    }
    const job: StartJob = { method: 'optuna-gp', problem, seed, initial, start: initial + pending };
    return (await this.#peer.ask<{ points: Point[] }>(job)).points;
  }

  [Symbol.dispose](): void {
    this.#peer?.[Symbol.dispose]();
  }
}

export type Question = Job | (Omit<RawTiming, 'milliseconds'> & { asks: number });

/**
 * Asks every question without a recorded answer, in order.
 *
 * @param until time of performance.now (ms) after which no question is asked
 */
export async function answerAll(
  side: Side,
  questions: readonly Question[],
  progress: (done: string) => void,
  until = Infinity,
): Promise<void> {
  const open = questions.filter((question) => !side.file.has(question as Job));
  if (open.length === 0) return;
  using program = side.start();
  using starts = new SharedStarts();
  const { versions } = await program.next<{ versions: Conditions['versions'] }>();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`;
  side.file.beginSeries({
    source: side.source,
    date: new Date().toISOString().slice(0, 16),
    machine,
    versions,
    problems: currentProblems,
  });
  for (const [index, question] of open.entries()) {
    if (performance.now() > until) return;
    if ('timed' in question) await runTiming(side.file, program, question);
    else await runSearch(side.file, program, question, question.start && (await starts.getPoints(question)));
    progress(`${index + 1}/${open.length} ${question.method} ${question.problem} seed ${question.seed}`);
  }
}

async function runSearch(file: RawFile, program: PipedProgram, job: Job, points?: readonly Point[]): Promise<void> {
  const { milliseconds, ...result } = await program.ask<SearchResult>({ ...job, points });
  const total = milliseconds.reduce((sum, each) => sum + each, 0);
  file.add({ ...result, ms: Math.round((10 * total) / Math.max(1, milliseconds.length)) / 10 });
}

async function runTiming(
  file: RawFile,
  program: PipedProgram,
  { asks, ...timing }: Exclude<Question, Job>,
): Promise<void> {
  const { method, problem, seed, timed } = timing;
  const job: TimingJob = {
    method,
    problem,
    seed,
    pending: 0,
    initial: 10,
    asks,
    history: createRandomHistory(findProblem(problem), timed, seed),
  };
  const { milliseconds } = await program.ask<{ milliseconds: number[] }>(job);
  file.add({ ...timing, milliseconds });
}
