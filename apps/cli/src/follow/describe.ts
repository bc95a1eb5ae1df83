import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { clean } from '../text/clean.ts';
import {
  describePoint,
  formatBound,
  formatDuration,
  formatNumber,
  formatPlural,
  formatSigned,
} from '../text/numbers.ts';

/** What the values of a job's trials mean. */
export type Measure = Pick<JobStatus, 'metric' | 'direction'>;

/** Returns `trial 7`, `reference` or `confirm trial 7, seed 2`. */
export function describeTitle({ role, id, confirms }: TrialResource): string {
  if (role === 'search') return `trial ${id}`;
  if (role === 'reference') return 'reference';
  const { trial, seedIndex } = confirms!;
  return `confirm ${trial === 'reference' ? trial : `trial ${trial}`}, seed ${seedIndex}`;
}

/** Returns the duration of the trial's last attempt, ms; null if it never started. */
export function computeTookMs({ attempts, settledAt }: TrialResource): number | null {
  const last = attempts.at(-1);
  return last && settledAt !== null ? Date.parse(last.finishedAt ?? settledAt) - Date.parse(last.startedAt) : null;
}

/** Returns `aulc 0.4123`, `aulc 3.2 (diverged)`, `aulc ≥ 2.31 (pruned)` or `failed: the trainer process died`. */
export function describeOutcome(trial: TrialResource, { metric, direction }: Measure): string {
  const { state, value, reason } = trial;
  if (value === null) return reason ? `${state}: ${clean(reason)}` : state;
  return `${metric} ${formatBound(trial, direction)}${state === 'complete' ? '' : ` (${state})`}`;
}

/** Returns one line for a settled trial. */
export function describeSettled(trial: TrialResource, measure: Measure, isBest: boolean): string {
  const ms = computeTookMs(trial);
  const parts = [describeOutcome(trial, measure)];
  if (ms !== null) parts.push(formatDuration(ms));
  if (trial.role === 'search') parts.push(trial.source, describePoint(trial.point));
  return `${describeTitle(trial).padEnd(25)} ${parts.join('  ')}${isBest ? '  ★ best so far' : ''}`;
}

/** Returns the few lines that matter about a job. */
export function summarizeJob(status: JobStatus): string[] {
  const { id, name, state, reason, counts, best, reference, metric, searchGain, confirmedGain, lastError } = status;
  const counted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `${count} ${each}`);
  const lines = [
    `job       ${id} (${name})`,
    `state     ${state}${reason ? `: ${clean(reason)}` : ''}`,
    `trials    ${counted.join(', ') || 'no trials yet'}; budget ${status.budget}`,
  ];
  if (best)
    lines.push(`best      ${metric} ${formatNumber(best.value)}, trial ${best.trial}: ${describePoint(best.point)}`);
  for (const { parameter, bound } of best?.atBound ?? [])
    lines.push(`          ${parameter} is at a bound (${bound}): a wider range may hold a better point`);
  if (reference !== null) lines.push(`reference ${metric} ${formatNumber(reference)}, plain backpropagation`);
  if (searchGain !== null)
    lines.push(
      `gain      ${formatSigned(searchGain)} in the search (the best of many under the search's own seeds: optimistic)`,
    );
  if (confirmedGain) lines.push(`confirmed ${describeConfirmed(confirmedGain)}`);
  if (lastError && state !== 'completed')
    lines.push(`last error trial ${lastError.trial} at ${lastError.at}: ${clean(lastError.reason)}`);
  return lines;
}

function describeConfirmed({ mean, interval, seeds }: NonNullable<JobStatus['confirmedGain']>): string {
  const gain = `${formatSigned(mean)} under ${formatPlural(seeds, 'fresh seed')}`;
  if (!interval) return gain;
  const [low, high] = interval;
  return `${gain}, 95 % interval ${formatSigned(low)} to ${formatSigned(high)}: ${describeVerdict(low, high)}`;
}

function describeVerdict(low: number, high: number): string {
  if (low > 0) return 'better than plain backpropagation';
  if (high < 0) return 'worse than plain backpropagation';
  return 'not distinguishable from plain backpropagation';
}
