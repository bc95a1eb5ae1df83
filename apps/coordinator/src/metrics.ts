import { SuggestionFailed, type Suggester } from '@gradsmith/core/ports';
import { Counter, Gauge, Histogram, type Registry } from '@gradsmith/telemetry';

interface CoordinatorMetrics {
  /** Returns the same suggester with its time measured. */
  timed(suggester: Suggester): Suggester;
  onRound(jobs: number): void;
  onLostChanges(count: number): void;
}

/** Adds the metrics of a coordinator to its registry. */
export function registerMetrics(registry: Registry): CoordinatorMetrics {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'gradsmith_suggestion_seconds',
    help: 'Time to compute a point',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const failures = new Counter({
    name: 'gradsmith_suggestion_failures_total',
    help: 'Suggestions that could not be computed: the optimizer threw, its thread stopped, or the time limit',
    registers,
  });
  const lost = new Counter({
    name: 'gradsmith_lost_changes_total',
    help: 'Acknowledged changes of jobs that the ledger has lost',
    registers,
  });
  const rounds = new Counter({
    name: 'gradsmith_coordinator_rounds_total',
    help: 'Rounds over the jobs that reached the ledger',
    registers,
  });
  const lastRound = new Gauge({
    name: 'gradsmith_coordinator_last_round_timestamp_seconds',
    help: 'When the last such round finished',
    registers,
  });
  const led = new Gauge({ name: 'gradsmith_coordinator_jobs', help: 'Jobs in the last round', registers });
  return {
    timed: (suggester) => ({
      versions: suggester.versions,
      close: async () => suggester.close(),
      createDesign: (input) => suggester.createDesign?.(input) ?? null,
      async suggest(jobId, input, count) {
        const stop = seconds.startTimer();
        try {
          return await suggester.suggest(jobId, input, count);
        } catch (error) {
          if (error instanceof SuggestionFailed) failures.inc();
          throw error;
        } finally {
          stop();
        }
      },
    }),
    onRound(jobs) {
      rounds.inc();
      lastRound.setToCurrentTime();
      led.set(jobs);
    },
    onLostChanges: (count) => lost.inc(count),
  };
}
