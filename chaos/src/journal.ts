import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord } from '@gradsmith/core/domain';

/** One change of the ledger, as seen by the process that made it. */
export interface JournalEntry {
  at: number;
  /** Name of the process within the run. */
  by: string;
  /** Monotonic time, ms, which all processes of the machine share and no fault changes. */
  monotonic: number;
  pid: number;
  job: string;
  /** lost: the process got no reply. */
  outcome: 'acknowledged' | 'lost';
  /** Sequence numbers of the job before and after; null where the change leaves the job's record alone. */
  seq: [from: number | null, to: number] | null;
  state: string | null;
  /** The coordinator's lease that the change depended on, and the one it wrote. */
  under: { owner: string; fence: number } | null;
  lease: { owner: string; fence: number } | null;
  trials: JournalledTrial[];
}

export interface JournalledTrial {
  id: string;
  /** The moves of the trial that this change made. */
  moves: TrialRecord['history'];
  attempt: { id: string; worker: string } | null;
  digest: string | null;
}

/** What the service answered to a client or an executor, or sent to a receiver. */
export interface Answer {
  at: number;
  job: string;
  operation:
    | 'create'
    /** The answer is the new name of the job. */
    | 'edit'
    | 'delete'
    | 'ask'
    | 'tell'
    | 'release'
    | 'fail'
    | 'read'
    /** A request with several results; each result is a `tell`, too. */
    | 'tell-many'
    | 'executed'
    | 'export'
    | 'import'
    /** An event stream sent a move of a trial; it reached the end of the job. */
    | 'event'
    | 'followed'
    /** A webhook arrived and was acknowledged. */
    | 'notified-best'
    | 'notified-finished';
  answer: string;
  trial?: string;
  attempt?: string;
  /** The value that was reported, or read. */
  value?: number;
  /** Number of the job's change. */
  seq?: number;
  /** When the request began and was answered, ms on the clock of the run; no end: it was never answered. */
  start?: number;
  end?: number;
}

/** Returns every complete line of the folder's files with this ending. A killed process can leave half a line. */
export function readLines<T>(folder: string, ending: string): T[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .flatMap((line) => {
          try {
            return line ? [JSON.parse(line) as T] : [];
          } catch {
            return [];
          }
        }),
    );
}
