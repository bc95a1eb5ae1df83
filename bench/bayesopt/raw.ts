import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { problems } from './functions.ts';
import { computeFingerprint, type Job } from './protocol.ts';

/** The conditions under which a series of results was measured. */
export interface Conditions {
  /** Digest of the code that ran. Results of other code are not used. */
  readonly source: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string | number>>;
  /** Fingerprint of each problem, by name. */
  readonly problems: Readonly<Record<string, string>>;
}

export interface RawResult extends Job {
  /** [number, noiseless value] of each trial that improved the best value. */
  readonly improvements: readonly (readonly [number, number])[];
  readonly censored?: number;
  /** Mean milliseconds per suggestion. */
  readonly ms: number;
}

export interface RawTiming {
  readonly method: Job['method'];
  readonly problem: string;
  readonly seed: number;
  readonly timed: number;
  readonly milliseconds: readonly number[];
}

type Line = { circumstances: Conditions } | RawResult | RawTiming;

export const currentProblems: Readonly<Record<string, string>> = Object.fromEntries(
  problems.map((problem) => [problem.name, computeFingerprint(problem)]),
);

/**
 * The recorded results of one side as JSON lines. Each series starts with a line of its conditions. Results are
 * appended as they arrive, so that a run can be resumed.
 */
export class RawFile {
  readonly #path: string | undefined;
  readonly #entries = new Map<string, RawResult | RawTiming>();
  readonly series: Conditions[] = [];

  /**
   * @param source digest of the code; series of other code are ignored, and removed at the first new result
   * @param path file to read and append to; without it nothing is read or kept
   */
  constructor(source: string, path?: string) {
    this.#path = path;
    let current: Conditions | undefined;
    for (const line of path !== undefined && existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
      if (line === '') continue;
      const entry = JSON.parse(line) as Line;
      if ('circumstances' in entry) {
        current = entry.circumstances.source === source ? entry.circumstances : undefined;
        if (current) this.series.push(current);
      } else if (current && current.problems[entry.problem] === currentProblems[entry.problem]) {
        this.#entries.set(toKey(entry), entry);
      }
    }
  }

  has(entry: Job | RawTiming): boolean {
    return this.#entries.has(toKey(entry));
  }

  get results(): RawResult[] {
    return [...this.#entries.values()].filter((entry): entry is RawResult => 'improvements' in entry);
  }

  get timings(): RawTiming[] {
    return [...this.#entries.values()].filter((entry): entry is RawTiming => 'timed' in entry);
  }

  /** Starts a series. Clears the file if it holds no result of this code. */
  beginSeries(circumstances: Conditions): void {
    if (this.#path !== undefined && this.series.length === 0) {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, '');
    }
    this.series.push(circumstances);
    this.#write({ circumstances });
  }

  add(entry: RawResult | RawTiming): void {
    this.#entries.set(toKey(entry), entry);
    this.#write(entry);
  }

  #write(line: Line): void {
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

function toKey(entry: Job | RawTiming): string {
  const { method, problem, seed } = entry;
  return JSON.stringify(
    'timed' in entry
      ? [method, problem, seed, 'timed', entry.timed]
      : [method, problem, seed, entry.pending, entry.budget, entry.initial, entry.start, entry.censor],
  );
}
