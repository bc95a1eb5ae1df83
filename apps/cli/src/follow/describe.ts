import { describeDivergedRuns, describeDivergence, hasDivergedSeeds } from '@gradsmith/charts/describe-divergence';
import { describeShapes } from '@gradsmith/charts/describe-shapes';
import { formatGain, formatSetting, judgeShape } from '@gradsmith/charts/judge-shape';
import { sampleLayers } from '@gradsmith/charts/sample-layers';
import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { classifyInterval, isSearchTrialId } from '@gradsmith/core/domain';
import {
  countTrialSeeds,
  describeReference,
  getPrunedValue,
  isTrainingJob,
  type JobSpec,
  type PrunedValue,
  type ReferenceNames,
} from '@gradsmith/core/spec';
import { cleanText } from '../text/clean.ts';
import {
  describePoint,
  formatDuration,
  formatNumber,
  formatPlural,
  formatSigned,
  formatTrialValue,
} from '../text/numbers.ts';
import { describeComplexity } from './describe-complexity.ts';

/** What the values of a job's trials mean. */
export type Measure = Pick<JobStatus, 'metric' | 'direction'> & { readonly prunedValue: PrunedValue };

/** Returns what the values of a job's trials mean. */
export function createMeasure({ metric, direction }: JobStatus, spec: JobSpec): Measure {
  return { metric, direction, prunedValue: getPrunedValue(spec) };
}

/** Returns `trial 7`, `reference`, `baseline constant-3` or `confirm trial 7, seed 2`. */
export function describeTitle({ role, id, confirms }: TrialResource): string {
  if (role === 'search') return `trial ${id}`;
  if (role === 'reference') return 'reference';
  if (role === 'baseline') return `baseline ${id}`;
  const { trial, seedIndex } = confirms!;
  return `confirm ${isSearchTrialId(trial) ? `trial ${trial}` : trial}, seed ${seedIndex}`;
}

/** Returns the duration of the trial's last attempt, ms; null if it never started. */
export function computeTookMs({ attempts, settledAt }: TrialResource): number | null {
  const last = attempts.at(-1);
  return last && settledAt !== null ? Date.parse(last.finishedAt ?? settledAt) - Date.parse(last.startedAt) : null;
}

/** Returns `aulc 0.4123`, `aulc 3.2 (diverged)`, `aulc ≥ 2.31 (pruned)` or `failed: the trainer process died`. */
export function describeOutcome(trial: TrialResource, measure: Measure): string {
  const { state, value, reason } = trial;
  if (value === null) return reason ? `${state}: ${cleanText(reason)}` : state;
  const note = trial.feasible === false ? 'infeasible' : state;
  return `${measure.metric} ${formatTrialValue(trial, measure)}${note === 'complete' ? '' : ` (${note})`}`;
}

/** Returns the last report of a running trial, such as `accuracy 0.81 at step 3`; empty before the first. */
export function describeProgress({ progress }: Pick<TrialResource, 'progress'>, metric: string): string {
  if (!progress) return '';
  const { step, value } = progress;
  if (value !== undefined) return `${metric} ${formatNumber(value)} at step ${step}`;
  // The area under the curve so far: what it would be if all later losses were 0.
  return 'partialSum' in progress ? `aulc so far ${formatNumber(progress.partialSum)} at step ${step}` : `step ${step}`;
}

/** Returns one line for a running trial: what it has reported, and since when it runs. */
export function describeRunning(trial: TrialResource, metric: string, now: number): string {
  const since = Date.parse(trial.attempts.at(-1)?.startedAt ?? trial.createdAt);
  const parts = [describeProgress(trial, metric) || 'no report yet', `for ${formatDuration(Math.max(0, now - since))}`];
  return `${describeTitle(trial).padEnd(25)} ${parts.join('  ')}  ${describePoint(trial.point)}`.trimEnd();
}

/** Returns one line for a settled trial. */
export function describeSettled(trial: TrialResource, measure: Measure, isBest: boolean): string {
  const ms = computeTookMs(trial);
  const parts = [describeOutcome(trial, measure)];
  if (ms !== null) parts.push(formatDuration(ms));
  if (trial.number !== null) parts.push(trial.source, describePoint(trial.point));
  return `${describeTitle(trial).padEnd(25)} ${parts.join('  ')}${isBest ? '  ★ best so far' : ''}`;
}

/** Returns the few lines that matter about a job. */
export function summarizeJob(status: JobStatus, spec: JobSpec): string[] {
  const { id, name, state, reason, stopped, counts, best, metric, lastError } = status;
  const counted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `${count} ${each}`);
  const lines = [
    `job       ${id} (${name})`,
    `state     ${state}${reason ? `: ${cleanText(reason)}` : ''}`,
    `trials    ${counted.join(', ') || 'no trials yet'}; budget ${status.budget}`,
  ];
  if (stopped) lines.push(`stopped   ${stopped.reason}, at ${stopped.at}`);
  if (best)
    lines.push(`best      ${metric} ${formatNumber(best.value)}, trial ${best.trial}: ${describePoint(best.point)}`);
  else lines.push(...describeMissingBest(status));
  if (best) lines.push(...describeComplexity(spec, best.point));
  lines.push(...describeFront(status), ...describeInfeasible(status));
  for (const { parameter, bound } of best?.atBound ?? [])
    lines.push(`          ${parameter} is at a bound (${bound}): a wider range may hold a better point`);
  lines.push(...describeGains(status, spec));
  if (lastError && state !== 'completed')
    lines.push(`last error trial ${lastError.trial} at ${lastError.at}: ${cleanText(lastError.reason)}`);
  return lines;
}

/** Returns the lines about a search that has ended without a best point, because no trial completed. */
function describeMissingBest({ state, counts, pareto }: JobStatus): string[] {
  if (pareto || counts.complete > 0 || (state !== 'completed' && state !== 'exhausted')) return [];
  const others = (['diverged', 'pruned', 'failed'] as const).filter((each) => counts[each] > 0);
  const counted = others.map((each) => `${counts[each]} ${each}`).join(', ');
  const lines = [`best      none: no trial completed${counted && ` (${counted})`}`];
  if (counts.diverged > 0)
    lines.push('          a diverged trial is never the best; search where trainings are stable, as at lower rates');
  return lines;
}

/** Trials of the front that a summary lists. */
const LISTED = 10;

/** Returns the lines about the Pareto front of a job with several objectives. */
function describeFront({ pareto }: JobStatus): string[] {
  if (!pareto) return [];
  const { objectives, front, omitted, hypervolume, reference } = pareto;
  if (!reference) return ['front     no complete trial yet'];
  const join = (values: readonly number[]): string =>
    objectives.map(({ metric }, m) => `${metric} ${formatNumber(values[m]!)}`).join('  ');
  const from = `hypervolume ${formatNumber(hypervolume)} from the reference ${join(reference)}`;
  const rows = front.slice(0, LISTED).map(({ trial, values }) => `          trial ${trial}: ${join(values)}`);
  if (front.length > rows.length) rows.push(`          and ${front.length - rows.length} more`);
  if (omitted) rows.push(`          ${formatPlural(omitted, 'trial')} left out while the front was full`);
  return [`front     ${formatPlural(front.length, 'trial')}; ${from}`, ...rows];
}

/** Returns the line about trials that do not fulfill the measured constraints, with the closest one if none does. */
function describeInfeasible({ best, pareto, infeasible, closest }: JobStatus): string[] {
  if (infeasible === 0) return [];
  const count = `${formatPlural(infeasible, 'complete trial')} ${infeasible === 1 ? 'violates' : 'violate'}`;
  const lines = [`limits    ${count} the measured constraints`];
  if (best || pareto?.front.length || !closest) return lines;
  const { trial, metric, value, limit } = closest;
  const measured = `its ${metric} is ${formatNumber(value)}, and the limit is ${formatNumber(limit)}`;
  return [...lines, `          no trial is feasible; trial ${trial} is the closest: ${measured}`];
}

/** Returns the lines about the reference, the gains over it, and whether the best g is only another learning rate. */
export function describeGains(status: JobStatus, spec: JobSpec): string[] {
  const { best, reference, referenceDivergence: divergence, metric, searchGain, confirmedGain } = status;
  const { name } = nameReference(spec);
  const lines: string[] = [];
  const seeds = countTrialSeeds(spec.objective);
  const mean = seeds > 1 ? `; values are means over ${seeds} seeds` : '';
  if (reference !== null) lines.push(`reference ${metric} ${formatNumber(reference)}, ${name}${mean}`);
  else if (divergence && divergence.value !== null)
    lines.push(`reference ${metric} ${formatNumber(divergence.value)} (diverged), ${name}${mean}`);
  if (searchGain !== null)
    lines.push(
      `gain      ${formatSigned(searchGain)} in the search (the best of many under the search's own seeds: optimistic)`,
    );
  if (confirmedGain) lines.push(`confirmed ${describeConfirmed(confirmedGain, name, divergence)}`);
  const diverged = describeDivergence(name, divergence);
  if (diverged !== null) lines.push(`note      ${diverged}`);
  if (!best) return lines;
  const number = Number(best.trial);
  const notes = describeShapes(sampleLayers(spec, [{ number, point: best.point }]), number);
  return [...lines, ...describeBaselines(status, spec), ...notes.map((note) => `note      ${note}`)];
}

/** Returns a line about each null hypothesis, and the sentence on what the shape of the best g is worth. */
function describeBaselines(status: JobStatus, spec: JobSpec): string[] {
  const { best, baselines, metric, direction, confirmedGain } = status;
  const { name: reference } = nameReference(spec);
  const lines = baselines.map((baseline) => {
    const { name, budget, settled, best, gain } = baseline;
    const value = best ? `${metric} ${formatNumber(best.value)}, ${formatSetting(baseline)}` : 'no value yet';
    const compared = gain ? `; ${formatGain(gain)} against ${reference}` : '';
    const bound = best?.atBound.length ? '; at a bound of its range' : '';
    return (
      `${name === 'constant' ? name : 'rate'}`.padEnd(10) +
      `${value} (${settled} of ${budget} trials)${compared}${bound}`
    );
  });
  const seeds = confirmedGain?.seeds ?? 0;
  const shape = judgeShape({
    number: Number(best?.trial),
    gain: confirmedGain,
    seeds,
    reference: { name: reference, value: status.reference },
    direction,
    baselines,
  });
  if (!shape) return lines;
  return [...lines, `shape     ${shape.sentence}`, ...shape.notes.map((note) => `note      ${note}`)];
}

/** Only trainings have a reference. */
export function nameReference(spec: JobSpec): ReferenceNames {
  return isTrainingJob(spec) ? describeReference(spec) : { name: 'the reference', label: 'the reference' };
}

const verdicts = { better: 'better than', worse: 'worse than', unclear: 'not distinguishable from' } as const;

function describeConfirmed(
  { mean, interval, seeds }: NonNullable<JobStatus['confirmedGain']>,
  reference: string,
  divergence: JobStatus['referenceDivergence'],
): string {
  const gain = `${formatSigned(mean)} under ${formatPlural(seeds, 'fresh seed')}`;
  const diverged = hasDivergedSeeds(divergence)
    ? `the reference ${describeDivergedRuns({ ...divergence, value: null })}`
    : null;
  if (!interval) return diverged === null ? gain : `${gain}: ${diverged}`;
  const [low, high] = interval;
  const spread = `95 % interval ${formatSigned(low)} to ${formatSigned(high)}`;
  return `${gain}, ${spread}: ${diverged ?? `${verdicts[classifyInterval(interval)]} ${reference}`}`;
}
