import { type Fenced, holdsFence } from '../ledger/fence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { endAttempt } from './attempts.ts';

/**
 * Ends the attempt of a running trial whose lease ran out, by the ledger's clock. The attempt's own late `tell` still
 * counts until another attempt begins.
 */
export async function expireTrial(
  ledger: Ledger,
  fenced: Fenced,
  trialId: string,
): Promise<'expired' | 'alive' | 'stale-fence'> {
  return ledger.transact(fenced.jobId, { trials: (job) => [trialId, ...job.open], lease: true }, (draft) => {
    if (!holdsFence(draft, fenced.fence)) return 'stale-fence';
    const trial = draft.trials.get(trialId);
    if (trial?.state !== 'running' || !trial.lease || trial.lease.expiresAt > draft.now) return 'alive';
    endAttempt(draft, trial, 'expired', 'its worker was not heard from for a whole lease', false);
    return 'expired';
  });
}
