import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { clean } from '../text/clean.ts';
import { describePoint, duration, number, plural, signed } from '../text/numbers.ts';

/** `trial 7`, `reference`, `confirm trial 7, seed 2`. */
export function titleOf({ role, id, confirms }: TrialResource): string {
  if (role === 'search') return `trial ${id}`;
  if (role === 'reference') return 'reference';
  return `confirm ${confirms!.trial === 'reference' ? 'reference' : `trial ${confirms!.trial}`}, seed ${confirms!.seedIndex}`;
}

/** How long the trial's last attempt took, or null where it never began. */
export function tookMs({ attempts, settledAt }: TrialResource): number | null {
  const last = attempts.at(-1);
  return last && settledAt !== null ? Date.parse(last.finishedAt ?? settledAt) - Date.parse(last.startedAt) : null;
}

/** `aulc 0.4123`, `aulc 3.2 (diverged)`, `failed: the trainer process died`. */
export function outcomeOf({ state, value, reason }: TrialResource, metric: string): string {
  if (value === null) return reason ? `${state}: ${clean(reason)}` : state;
  return `${metric} ${number(value)}${state === 'complete' ? '' : ` (${state})`}`;
}

/** One line for a settled trial. */
export function settledLine(trial: TrialResource, metric: string, isBest: boolean): string {
  const ms = tookMs(trial);
  const parts = [outcomeOf(trial, metric), ...(ms === null ? [] : [duration(ms)])];
  if (trial.role === 'search') parts.push(trial.source, describePoint(trial.point));
  return `${titleOf(trial).padEnd(25)} ${parts.join('  ')}${isBest ? '  ★ best so far' : ''}`;
}

/** How a job stands, in the few lines that matter. */
export function summaryOf(status: JobStatus): string[] {
  const { id, name, state, reason, counts, best, reference, metric, searchGain, confirmedGain, lastError } = status;
  const counted =
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([each, count]) => `${count} ${each}`)
      .join(', ') || 'no trials yet';
  const lines = [
    `job       ${id} (${name})`,
    `state     ${state}${reason ? `: ${clean(reason)}` : ''}`,
    `trials    ${counted}; budget ${status.budget}`,
  ];
  if (best) lines.push(`best      ${metric} ${number(best.value)}, trial ${best.trial}: ${describePoint(best.point)}`);
  for (const { parameter, bound } of best?.atBound ?? [])
    lines.push(`          ${parameter} is at a bound (${bound}): a wider range may hold a better point`);
  if (reference !== null) lines.push(`reference ${metric} ${number(reference)}, plain backpropagation`);
  if (searchGain !== null)
    lines.push(
      `gain      ${signed(searchGain)} in the search (the best of many under the search's own seeds: optimistic)`,
    );
  if (confirmedGain) lines.push(`confirmed ${confirmedLine(confirmedGain)}`);
  if (lastError && state !== 'completed')
    lines.push(`last error trial ${lastError.trial} at ${lastError.at}: ${clean(lastError.reason)}`);
  return lines;
}

function confirmedLine({ mean, interval, seeds }: NonNullable<JobStatus['confirmedGain']>): string {
  if (!interval) return `${signed(mean)} under ${plural(seeds, 'fresh seed')}`;
  const verdict =
    interval[0] > 0
      ? 'better than plain backpropagation'
      : interval[1] < 0
        ? 'worse than plain backpropagation'
        : 'not distinguishable from plain backpropagation';
  return (
    `${signed(mean)} under ${plural(seeds, 'fresh seed')}, 95 % interval ${signed(interval[0])} to ` +
    `${signed(interval[1])}: ${verdict}`
  );
}
