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

/** A decision threw. It may have changed a part of the draft, so nothing of its group is committed. */
class DecisionThrew extends Error {}

/** Transitions of a group, at most: each writes a record or two, and a commit has a limit. */
const MAX_GROUP = 200;

/**
 * Groups the transitions of a job that this process makes at the same time: they are decided one after the other on one
 * draft and committed together. Parallel workers then do not lose compare-and-sets to each other, and many transitions
 * share one read and one synced write.
 */
export class TransitionGroups {
  readonly #run: (jobId: string, group: readonly Transition[]) => Promise<unknown[]>;
  /** Transitions that wait for the group of their job that is being committed. */
  readonly #waiting = new Map<string, OpenTransition[]>();

  /** `run` decides the transitions of a group in order, commits all or none, and returns their answers. */
  constructor(run: (jobId: string, group: readonly Transition[]) => Promise<unknown[]>) {
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
    while (waiting.length) await this.#runGroup(jobId, waiting.splice(0, MAX_GROUP));
    this.#waiting.delete(jobId);
  }

  async #runGroup(jobId: string, group: readonly OpenTransition[]): Promise<void> {
    try {
      const answers = await this.#run(jobId, group.length > 1 ? group.map(markThrown) : group);
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
