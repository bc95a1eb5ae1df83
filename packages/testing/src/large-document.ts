export const largeJobId = 'job_00000000000000001a2e';

/** Returns a finished job of many trials as a document that can be imported. */
export function createLargeDocument(trials: number, id = largeJobId) {
  const values = Array.from({ length: trials }, (_, n) => ((n * 7_919) % trials) / trials);
  const best = values.indexOf(Math.max(...values));
  const point = (n: number) => ({ depth: (n % 30) + 1, share: 0.1 + 0.9 * values[n]!, criterion: 'gini' });
  return {
    format: 'gradsmith-job',
    version: 2,
    spec: {
      name: 'large',
      labels: { team: 'trees' },
      objective: { kind: 'external', metric: { name: 'accuracy', direction: 'maximize' } },
      space: {
        depth: { type: 'int', low: 1, high: 30 },
        share: { type: 'float', low: 0.1, high: 1 },
        criterion: { type: 'categorical', choices: ['gini', 'entropy'] },
      },
      search: { algorithm: 'random', trials },
      confirm: { top: 0, seeds: 0 },
    },
    job: {
      schema: 2,
      id,
      state: 'completed',
      reason: null,
      createdAt: 1e12,
      startedAt: 1e12,
      finishedAt: 1e12 + trials,
      seq: 3 * trials,
      budget: trials,
      nextNumber: trials,
      invalidated: 0,
      rewritten: 0,
      counts: { pending: 0, running: 0, complete: trials, pruned: 0, diverged: 0, failed: 0, cancelled: 0 },
      open: [],
      extras: [],
      best: { number: best, value: values[best]!, point: point(best) },
      leaders: [values[best]!],
      reference: null,
      runtime: 'external',
      lastError: null,
    },
    trials: values.map((value, n) => ({
      schema: 2,
      id: String(n),
      role: 'search',
      number: n,
      confirms: null,
      state: 'complete',
      point: point(n),
      seed: n,
      source: { kind: 'initial', seenSeq: 3 * n },
      dispatch: 0,
      notBefore: 0,
      attempts: [],
      preemptions: 0,
      lease: null,
      progress: null,
      pruning: null,
      result: { outcome: 'complete', value, metrics: { time: n }, provenance: {} },
      digest: null,
      reason: null,
      createdAt: 1e12,
      settledAt: 1e12 + n,
      history: [
        [3 * n + 1, 'create'],
        [3 * n + 2, 'start'],
        [3 * n + 3, 'complete'],
      ],
    })),
    curves: Object.fromEntries(values.slice(0, 150).map((_, n) => [String(n), 'AACAPwAAgD8='])),
  };
}
