import type { Point } from '@gradsmith/bayesopt';
import { countBaselineTrials, type BaselineName } from '../domain/baselines.ts';
import { getRemainingBudget } from '../domain/budget.ts';
import { takeEnqueuedPoint } from '../domain/enqueued-points.ts';
import type { TrialRecord, TrialRole, TrialSource } from '../domain/trial-record.ts';
import type { Draft } from '../ledger/draft.ts';
import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getBaselineBudget } from '../spec/baselines.ts';
import { countConverged, isConverged } from '../spec/stop-rules.ts';

export interface NewTrial {
  id: string;
  role: TrialRole;
  number: number | null;
  baseline?: BaselineName | undefined;
  confirms: TrialRecord['confirms'];
  point: Point;
  seed: number;
  source: TrialSource;
}

export type CreateTrialAnswer = 'created' | 'already' | 'stale-fence' | 'no-budget' | 'not-next' | 'job-not-running';

/**
 * Creates a pending trial. Search trials take the next number while budget remains (invariant 3); enqueued points keep
 * their share of it. Trials of a baseline do so within the baseline's own budget.
 */
export async function createTrial(ledger: Ledger, fenced: Fenced, trial: NewTrial): Promise<CreateTrialAnswer> {
  return ledger.transact(
    fenced.jobId,
    { trials: [trial.id], lease: true, enqueued: trial.role === 'search' },
    (draft): CreateTrialAnswer => {
      if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
      if (draft.trials.has(trial.id)) return 'already';
      if (draft.job.state !== 'running') return 'job-not-running';
      if (trial.role === 'search') {
        const enqueued = trial.source.kind === 'enqueued';
        if (getRemainingBudget(draft.job) <= (enqueued ? 0 : draft.enqueued.points.length)) return 'no-budget';
        if (trial.number !== draft.job.nextNumber) return 'not-next';
        if (enqueued && !takeEnqueuedPoint(draft.enqueued, trial.source.key, trial.id)) return 'not-next';
        if (enqueued) draft.markChanged('enqueued');
      }
      const refusal = trial.role === 'baseline' && refuseBaselineTrial(draft, trial);
      if (refusal) return refusal;
      draft.addTrial({
        ...trial,
        dispatch: 0,
        notBefore: draft.now,
        attempts: [],
        preemptions: 0,
        lease: null,
        progress: null,
        pruning: null,
        result: null,
        digest: null,
        reason: null,
        settledAt: null,
      });
      if (trial.role === 'search') stopIfConverged(draft, trial.source);
      return 'created';
    },
  );
}

/** Stops the search if the model expects too little of it. The trial that was just created still runs. */
function stopIfConverged(draft: Draft, source: TrialSource): void {
  const converged = countConverged(draft.job, draft.spec, source);
  if (!converged) return;
  draft.job.converged = converged;
  if (isConverged(draft.job)) draft.stopSearch('improvement');
}

function refuseBaselineTrial({ job, spec }: Draft, { number, baseline }: NewTrial): CreateTrialAnswer | null {
  const created = countBaselineTrials(job, baseline!);
  if (created >= getBaselineBudget(spec)) return 'no-budget';
  return number === created ? null : 'not-next';
}
