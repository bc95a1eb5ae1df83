import { belongsToSearch } from '../domain/baselines.ts';
import { countSettled, getRemainingBudget } from '../domain/budget.ts';
import type { Fenced } from '../ledger/fence.ts';
import type { JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { listObservations } from '../trials/list-observations.ts';
import { limitStaleness, type SeenSuggestion } from './ahead-suggestions.ts';
import type { CoordinatorDeps, Knowledge } from './deps.ts';

/**
 * Starts to compute suggestions for the next trials of a job while its trials run, if that is worthwhile. Never
 * rejects: whatever fails here is met again, and handled, when a slot needs the suggestion.
 */
export async function suggestAhead(
  { ledger, suggester, log }: CoordinatorDeps,
  { jobId, fence }: Fenced,
  known: Knowledge,
  spec: JobSpec,
): Promise<void> {
  const count = limitStaleness(spec.search.maxParallelism);
  if (count === 0 || known.ahead.isComputing(jobId)) return;
  try {
    const { job, enqueued } = await ledger.readJob(jobId);
    const trials = await known.cache.readAllTrials(ledger, job);
    const wanted = Math.min(count, getRemainingBudget(job) - enqueued.length);
    if (wanted <= 0 || known.ahead.isComputing(jobId) || !known.ahead.isWorthwhile(jobId, trials)) return;
    const history = listObservations(spec, trials, job.seq);
    const input = { ...buildSearchInputs(spec), history, number: job.nextNumber };
    const seen = { seenSeq: job.seq, settled: countSettled(job) };
    const compute = async (): Promise<SeenSuggestion[]> => {
      // A suggestion that fails here is computed again when a trial needs it, and fails there with its reason.
      const suggestions = await suggester.suggest(jobId, input, wanted).catch((error: unknown) => {
        log.debug({ err: error, job: jobId }, 'no suggestions computed ahead');
        return [];
      });
      return suggestions
        .filter(({ kind }) => kind === 'point')
        .map((suggestion): SeenSuggestion => ({ ...seen, suggestion }));
    };
    if (trials.filter((trial) => belongsToSearch(trial, null)).length === job.nextNumber)
      known.ahead.start({ job, fence }, compute);
  } catch (error) {
    log.debug({ err: error, job: jobId }, 'no suggestions computed ahead');
  }
}
