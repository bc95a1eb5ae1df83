import type { Trainer, TrainingRequest } from '../ports/trainer.ts';
import type { RecentJob, RecentWork } from '../ports/workers.ts';

/** How far back the measurements go, and the time that is forgotten at once, ms. */
const WINDOW_MS = 600_000;
const SLICE_MS = 10_000;
/** Jobs in an announcement, at most: it is sent every two seconds. */
const MOST_JOBS = 8;

/** What was measured in a slice of time, of one job. */
interface Slice extends RecentJob {
  at: number;
  /** Trainings that gave a result, complete or not. */
  results: number;
}

type Amount = Partial<Pick<Slice, 'results' | 'trials' | 'trialMs' | 'steps' | 'stepMs'>>;

/** Measures how fast the trainers of a worker are, by job, over the last ten minutes. */
export class WorkMeter {
  readonly #now: () => number;
  readonly #startedAt: number;
  #slices: Slice[] = [];

  /** `now`: a monotonic clock, ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  /**
   * Returns a trainer that does the same and is measured. Steps count from the first report of a training on: what
   * comes before it is the set-up, and the steps of an earlier attempt.
   */
  watch(trainer: Trainer): Trainer {
    return {
      train: async (request, hooks) => {
        const job = request.key.slice(0, request.key.indexOf('/'));
        const startedAt = this.#now();
        const networks = countNetworks(request);
        let last: { step: number; at: number } | null = null;
        const result = await trainer.train(request, {
          ...hooks,
          onProgress: (progress) => {
            const at = this.#now();
            if (last && progress.step > last.step)
              this.#add(job, { steps: networks * (progress.step - last.step), stepMs: at - last.at });
            if (!last || progress.step > last.step) last = { step: progress.step, at };
            hooks.onProgress(progress);
          },
        });
        this.#add(job, { results: 1 });
        if (result.outcome === 'complete') this.#add(job, { trials: 1, trialMs: this.#now() - startedAt });
        return result;
      },
      close: async () => trainer.close(),
    };
  }

  read(): RecentWork {
    this.#forgetOld();
    const byJob = new Map<string, RecentJob>();
    for (const { job, trials, trialMs, steps, stepMs } of this.#slices) {
      const sum = byJob.get(job) ?? { job, trials: 0, trialMs: 0, steps: 0, stepMs: 0 };
      sum.trials += trials;
      sum.trialMs += trialMs;
      sum.steps += steps;
      sum.stepMs += stepMs;
      // The last job that was measured is the last in the map.
      byJob.delete(job);
      byJob.set(job, sum);
    }
    return {
      windowMs: Math.min(WINDOW_MS, this.#now() - this.#startedAt),
      trials: this.#slices.reduce((sum, { results }) => sum + results, 0),
      jobs: [...byJob.values()].reverse().slice(0, MOST_JOBS),
    };
  }

  #add(job: string, amount: Amount): void {
    this.#forgetOld();
    const at = Math.floor(this.#now() / SLICE_MS) * SLICE_MS;
    const last = this.#slices.findLastIndex((each) => each.job === job && each.at === at);
    const [slice = { job, at, results: 0, trials: 0, trialMs: 0, steps: 0, stepMs: 0 }] =
      last < 0 ? [] : this.#slices.splice(last, 1);
    // The job that was measured last is at the end.
    this.#slices.push(slice);
    for (const [name, value] of Object.entries(amount) as [keyof Amount, number][]) slice[name] += value;
  }

  #forgetOld(): void {
    const since = this.#now() - WINDOW_MS;
    this.#slices = this.#slices.filter(({ at }) => at > since);
  }
}

/** Returns how many networks take each step: one for each seed over which the trial averages. */
function countNetworks({ objective }: TrainingRequest): number {
  return objective.kind === 'training' ? (objective.seedsPerTrial ?? 1) : 1;
}
