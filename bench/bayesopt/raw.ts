import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { problems } from './functions.ts';
import { fingerprintOf, type Job } from './protocol.ts';

/** Under what a stretch of results was made. */
export interface Circumstances {
  /** Digest of the code that ran: results of other code are not continued. */
  readonly source: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string | number>>;
  /** Fingerprint of each problem, by name. */
  readonly problems: Readonly<Record<string, string>>;
}

export interface RawResult extends Job {
  /** [number, noiseless value] wherever the best value so far fell. */
  readonly improvements: readonly (readonly [number, number])[];
  readonly censored?: number;
  /** Mean milliseconds a suggestion. */
  readonly ms: number;
}

export interface RawTiming {
  readonly method: Job['method'];
  readonly problem: string;
  readonly seed: number;
  readonly timed: number;
  readonly milliseconds: readonly number[];
}

type Line = { circumstances: Circumstances } | RawResult | RawTiming;

export const currentProblems: Readonly<Record<string, string>> = Object.fromEntries(
  problems.map((problem) => [problem.name, fingerprintOf(problem)]),
);

/**
 * The recorded results of one method: JSON lines, each stretch headed by its circumstances. Appended to as results
 * come, so that a run can be resumed.
 */
export class RawFile {
  readonly #path: string | undefined;
  readonly #entries = new Map<string, RawResult | RawTiming>();
  readonly stretches: Circumstances[] = [];

  /**
   * @param source stretches of other code are left out, and dropped from the file at the first new result
   * @param path nothing is read or kept where there is none
   */
  constructor(source: string, path?: string) {
    this.#path = path;
    let current: Circumstances | undefined;
    for (const line of path !== undefined && existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
      if (line === '') continue;
      const entry = JSON.parse(line) as Line;
      if ('circumstances' in entry) {
        current = entry.circumstances.source === source ? entry.circumstances : undefined;
        if (current) this.stretches.push(current);
      } else if (current && current.problems[entry.problem] === currentProblems[entry.problem]) {
        this.#entries.set(keyOf(entry), entry);
      }
    }
  }

  has(entry: Job | RawTiming): boolean {
    return this.#entries.has(keyOf(entry));
  }

  get results(): RawResult[] {
    return [...this.#entries.values()].filter((entry): entry is RawResult => 'improvements' in entry);
  }

  get timings(): RawTiming[] {
    return [...this.#entries.values()].filter((entry): entry is RawTiming => 'timed' in entry);
  }

  /** Heads what follows; rewrites the file where nothing in it still counts. */
  begin(circumstances: Circumstances): void {
    if (this.#path !== undefined && this.stretches.length === 0) {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, '');
    }
    this.stretches.push(circumstances);
    this.#write({ circumstances });
  }

  add(entry: RawResult | RawTiming): void {
    this.#entries.set(keyOf(entry), entry);
    this.#write(entry);
  }

  #write(line: Line): void {
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

function keyOf(entry: Job | RawTiming): string {
  const { method, problem, seed } = entry;
  return JSON.stringify(
    'timed' in entry
      ? [method, problem, seed, 'timed', entry.timed]
      : [method, problem, seed, entry.pending, entry.budget, entry.initial, entry.start, entry.censor],
  );
}
