import type { JobRecord } from '../domain/job-record.ts';
import type { AttemptKey } from '../domain/reports.ts';
import type { Draft } from './draft.ts';

/** What a transition reads: the trials it may change, and the records it depends on. */
export interface Needs {
  trials?: readonly string[] | ((job: JobRecord) => readonly string[]);
  lease?: boolean;
  /** The points that clients enqueued. */
  enqueued?: boolean;
  /** What trials had reached where they are compared. */
  rungs?: boolean;
  /** What webhooks were sent. */
  notifications?: boolean;
  /** What clients changed of the job. */
  details?: boolean;
  /** What an attempt at one of the trials has reported so far. */
  reports?: AttemptKey | null;
}

/** A decision about a job, and what it depends on. It may be made again on a newer draft. */
export interface Transition {
  needs: Needs;
  decide(draft: Draft): unknown;
}

interface OpenTransition extends Transition {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** What the transitions of a group answered, in order, and how often their commit was refused before. */
export interface GroupAnswer {
  answers: unknown[];
  conflicts: number;
}

/** A decision threw. It may have changed a part of the draft, so nothing of its group is committed. */
class DecisionThrew extends Error {}

/** Transitions of a group, at most: each writes a record or two, and a commit has a limit. */
const MAX_GROUP = 200;

/** Time between two groups of a job after the first conflict, ms. */
const FIRST_PACE_MS = 2;
/** Longest time between two groups of a job, ms. */
const SLOWEST_PACE_MS = 20;
/** Jobs whose pace is kept, at most. */
const MAX_PACES = 1_000;
/** How the time changes after a group with a conflict, and after one without. About a quarter then have one. */
const SLOWER = 1.4;
const FASTER = 0.9;

/**
 * Groups the transitions of a job that this process makes at the same time: they are decided one after the other on one
 * draft and committed together. Parallel slots then do not lose compare-and-sets to each other, and many transitions
 * share one read and one synced write.
 *
 * Several processes that change one job do lose compare-and-sets to each other. Each then starts its groups less often,
 * so that a group has more transitions and fewer commits are refused; without conflicts it waits for nothing.
 */
export class TransitionGroups {
  readonly #run: (jobId: string, group: readonly Transition[]) => Promise<GroupAnswer>;
  /** Transitions that wait for the group of their job that is being committed. */
  readonly #waiting = new Map<string, OpenTransition[]>();
  /** Jobs with conflicts: time between the starts of two groups, ms, and when the last one started. */
  readonly #paces = new Map<string, { ms: number; startedAt: number }>();

  /** `run` decides the transitions of a group in order, commits all or none, and returns their answers. */
  constructor(run: (jobId: string, group: readonly Transition[]) => Promise<GroupAnswer>) {
    this.#run = run;
  }

  async add(jobId: string, transition: Transition): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const open = { ...transition, resolve, reject };
      const waiting = this.#waiting.get(jobId);
      if (waiting) waiting.push(open);
      else {
        this.#waiting.set(jobId, [open]);
        void this.#runGroups(jobId);
      }
    });
  }

  async #runGroups(jobId: string): Promise<void> {
    const waiting = this.#waiting.get(jobId)!;
    // Transitions that start in the same turn join the first group.
    await Promise.resolve();
    while (waiting.length) {
      await this.#waitForTurn(jobId);
      await this.#runGroup(jobId, waiting.splice(0, MAX_GROUP));
    }
    this.#waiting.delete(jobId);
  }

  async #waitForTurn(jobId: string): Promise<void> {
    const pace = this.#paces.get(jobId);
    if (!pace) return;
    const left = pace.startedAt + pace.ms - performance.now();
    if (left >= 1) await new Promise((resolve) => setTimeout(resolve, left));
    pace.startedAt = performance.now();
  }

  #adjustPace(jobId: string, hadConflict: boolean): void {
    const pace = this.#paces.get(jobId);
    if (!pace) {
      if (!hadConflict) return;
      this.#paces.set(jobId, { ms: FIRST_PACE_MS, startedAt: performance.now() });
      if (this.#paces.size > MAX_PACES) this.#paces.delete(this.#paces.keys().next().value!);
      return;
    }
    pace.ms = Math.min(SLOWEST_PACE_MS, pace.ms * (hadConflict ? SLOWER : FASTER));
    if (pace.ms < 1) this.#paces.delete(jobId);
  }

  async #runGroup(jobId: string, group: readonly OpenTransition[]): Promise<void> {
    try {
      const { answers, conflicts } = await this.#run(jobId, group.length > 1 ? group.map(markThrown) : group);
      this.#adjustPace(jobId, conflicts > 0);
      for (const [i, { resolve }] of group.entries()) resolve(answers[i]);
    } catch (error) {
      if (error instanceof DecisionThrew) for (const each of group) await this.#runGroup(jobId, [each]);
      else for (const { reject } of group) reject(error);
    }
  }
}

function markThrown({ needs, decide }: Transition): Transition {
  return {
    needs,
    decide(draft) {
      try {
        return decide(draft);
      } catch (error) {
        throw new DecisionThrew('a decision of the group threw', { cause: error });
      }
    },
  };
}
