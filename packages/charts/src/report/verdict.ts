import { classifyInterval, computeGain } from '@gradsmith/core/domain';
import {
  createColumnFormat,
  formatInterval,
  formatNonzero,
  formatNumber,
  isFiniteNumber,
  formatPlural,
} from '../text/numbers.ts';
import { listBoundValues } from './bounds.ts';
import type { BaselineData, ConfirmationData, ParetoData, ReferenceData, ReportData, TrialData } from './data.ts';
import { describeDivergence, hasDivergedSeeds } from './describe-divergence.ts';
import { describeShapes } from './describe-shapes.ts';
import { describeValidation } from './describe-validation.ts';
import { judgeShape, type ShapeVerdict } from './judge-shape.ts';
import { countSettled, rankCompleteTrials } from './rank-complete-trials.ts';

/** The conclusion that the numbers allow, in plain words. */
export interface Verdict {
  /**
   * - `confirmed`: the interval of the search's best point is above zero
   * - `unconfirmed`: the interval contains zero, or nothing was confirmed
   * - `worse`: the interval is below zero, or the search found nothing better
   * - `open`: there is nothing to compare
   */
  readonly outcome: 'confirmed' | 'unconfirmed' | 'worse' | 'open';
  /** One sentence. It never mixes search gain and confirmed gain. */
  readonly sentence: string;
  /** Whether the shape of g is worth anything; null if the job has no baselines or no best point. */
  readonly shape: ShapeVerdict | null;
  /** What a reader should know before using the result, one or two sentences each. */
  readonly notes: readonly string[];
}

/** Returns how much better `value` is than the reference, in the metric's units; null without a reference. */
export function computeReferenceGain(
  value: number,
  { reference, metric }: Pick<ReportData, 'reference' | 'metric'>,
): number | null {
  if (!isFiniteNumber(reference?.value)) return null;
  return computeGain(reference.value, value, metric.direction);
}

/** Returns the confirmation of the search's best point. A report is about no other: it would be chosen afterwards. */
export function findConfirmation(
  { number }: TrialData,
  { confirmations }: Pick<ReportData, 'confirmations'>,
): ConfirmationData | undefined {
  return confirmations.find((entry) => entry.number === number);
}

/** Returns the verdict on a job, finished or not. */
export function computeVerdict(data: ReportData): Verdict {
  const best = rankCompleteTrials(data)[0];
  if (!best) {
    if (data.pareto) return { outcome: 'open', sentence: describeFront(data.pareto), shape: null, notes: [] };
    const settled = countSettled(data.trials);
    if (settled === 0)
      return {
        outcome: 'open',
        sentence: 'There is nothing to compare yet: no trial has settled.',
        shape: null,
        notes: [],
      };
    return {
      outcome: 'open',
      sentence: `There is nothing to compare: none of ${formatPlural(settled, 'settled trial')} completed.`,
      shape: null,
      notes: [],
    };
  }
  const shape = judgeBest(data, best);
  const confirmation = findConfirmation(best, data);
  const { divergence, ...outcome } = describeOutcome(data, best);
  return {
    ...outcome,
    shape,
    notes: [
      ...(divergence ? [divergence] : []),
      ...(confirmation ? describeValidation(confirmation, data) : []),
      ...(shape?.notes ?? []),
      ...describeOtherCandidates(data, best),
      ...describeBounds(data, best),
      ...data.baselines.flatMap(describeBaselineBound),
      ...describeShapes(data.bFunctions, best.number),
    ],
  };
}

function describeFront({ objectives, outcomes, hypervolume, reference }: ParetoData): string {
  const front = outcomes.filter(({ kind }) => kind === 'front').length;
  const names = objectives.map(({ name }) => name).join(' and ');
  const which = `The job has several objectives (${names}), so there is no best trial`;
  if (!reference || !front) return `${which}, and no trial is on the Pareto front yet.`;
  const from = reference.map(formatNumber).join(', ');
  return (
    `${which}: ${formatPlural(front, 'trial')} on the Pareto front, with the hypervolume ` +
    `${formatNumber(hypervolume)} from the reference ${from}.`
  );
}

function judgeBest(data: ReportData, best: TrialData): ShapeVerdict | null {
  const gain = findConfirmation(best, data);
  return judgeShape({
    number: best.number,
    gain,
    seeds: gain?.gains.length ?? 0,
    reference: data.reference ?? { name: 'the reference', value: null },
    direction: data.metric.direction,
    baselines: data.baselines,
  });
}

type Outcome = Pick<Verdict, 'outcome' | 'sentence'>;

/** Returns the outcome. `divergence` says that the reference diverged, if the sentence does not. */
function describeOutcome(data: ReportData, best: TrialData): Outcome & { divergence?: string | null } {
  const { reference, metric } = data;
  const divergence = reference && describeDivergence(reference.name, reference.divergence);
  const outcome = describeGain(data, best);
  if (!divergence) return outcome;
  const isJudged = isFiniteNumber(findConfirmation(best, data)?.mean);
  const isTooStrong = outcome.outcome === 'confirmed' && hasDivergedSeeds(reference.divergence);
  if ((isJudged || isFiniteNumber(reference.value)) && !isTooStrong) return { ...outcome, divergence };
  return {
    outcome: 'open',
    sentence:
      `No gain can be judged: ${divergence[0]!.toLowerCase()}${divergence.slice(1, -1)}; the best ${metric.name} was ` +
      `${formatNumber(best.value!)} (trial ${best.number}).`,
  };
}

function describeGain(data: ReportData, best: TrialData): Outcome {
  const metric = data.metric.name;
  const gain = computeReferenceGain(best.value!, data);
  const confirmation = findConfirmation(best, data);
  if (!data.reference) {
    return {
      outcome: 'open',
      sentence:
        `The best ${metric} was ${formatNumber(best.value!)} (trial ${best.number}); there is no ` +
        `reference run to compare it with.`,
    };
  }
  if (gain === null && !isFiniteNumber(confirmation?.mean)) {
    return {
      outcome: 'open',
      sentence:
        `The best ${metric} was ${formatNumber(best.value!)} (trial ${best.number}), but the reference ` +
        `(${data.reference.name}) has no value to compare with, so there is no gain.`,
    };
  }
  const found = describeSearchGain(gain, best, data.reference, metric);
  if (!confirmation || !isFiniteNumber(confirmation.mean)) {
    if (gain !== null && gain <= 0) return { outcome: 'worse', sentence: `No gain was found: ${found}.` };
    return {
      outcome: 'unconfirmed',
      sentence:
        `No gain is confirmed: ${found}, the best of ${formatPlural(countSettled(data.trials), 'trial')} by ` +
        `that very number, and ${describeMissingConfirmation(data)}.`,
    };
  }
  return describeConfirmation(confirmation, { found, metric, reference: data.reference.name });
}

function describeSearchGain(gain: number | null, best: TrialData, reference: ReferenceData, metric: string): string {
  if (gain === null) {
    const isDiverged = isFiniteNumber(reference.divergence?.value);
    return `in the search itself ${reference.name} ${isDiverged ? 'diverged' : 'has no value'}`;
  }
  if (gain <= 0) return `in the search itself no trial was better than ${reference.name}`;
  const written = formatNonzero(gain, createColumnFormat([best.value, reference.value]));
  return `in the search itself trial ${best.number} was better than ${reference.name} by ${written} in ${metric}`;
}

/** Explains why the best point has no confirmed gain. */
function describeMissingConfirmation({ confirmations }: ReportData): string {
  if (!confirmations.length) return 'it has not been run again on fresh seeds';
  const others = confirmations.map(({ number }) => `trial ${number}`).join(' and ');
  return `unlike ${others} it has no pair of runs on fresh seeds`;
}

function describeConfirmation(
  confirmation: ConfirmationData,
  { found, metric, reference }: { found: string; metric: string; reference: string },
): Outcome {
  const where = `on ${formatPlural(confirmation.gains.length, 'fresh paired seed')}`;
  const { mean, interval } = confirmation;
  if (!interval || !interval.every(isFiniteNumber)) {
    return {
      outcome: 'unconfirmed',
      sentence:
        `No gain is confirmed: ${where} trial ${confirmation.number} came out ` +
        `${formatComparison(mean, metric)}, too few pairs for an interval; ${found}.`,
    };
  }
  const written = formatInterval(mean, interval);
  const range = `95 % interval ${written.low} to ${written.high}`;
  const size = written.mean.replace('−', '');
  const kind = classifyInterval(interval);
  if (kind === 'better') {
    return {
      outcome: 'confirmed',
      sentence:
        `A gain is confirmed: ${where} trial ${confirmation.number} beats ${reference} by ` +
        `${size} in ${metric} on average (${range}); ${found}.`,
    };
  }
  if (kind === 'worse') {
    return {
      outcome: 'worse',
      sentence:
        `The gain did not hold: ${where} trial ${confirmation.number} is worse than ` +
        `${reference} by ${size} in ${metric} on average (gain ${range}); ${found}.`,
    };
  }
  return {
    outcome: 'unconfirmed',
    sentence:
      `No gain is confirmed: ${where} trial ${confirmation.number} came out ` +
      `${formatComparison(mean, metric, size)} on average, and the interval of that gain contains zero ` +
      `(${range}); ${found}.`,
  };
}

function formatComparison(mean: number, metric: string, size = formatNumber(Math.abs(mean))): string {
  if (mean === 0) return `equal in ${metric}`;
  return `${size} ${mean > 0 ? 'better' : 'worse'} in ${metric}`;
}

/** Lists other confirmed points whose interval is above zero while that of the best point is not. */
function describeOtherCandidates({ confirmations, reference }: ReportData, best: TrialData): string[] {
  if (hasDivergedSeeds(reference?.divergence)) return [];
  const above = confirmations.filter(({ interval }) => interval && classifyInterval(interval) === 'better');
  if (!above.length || above.some(({ number }) => number === best.number)) return [];
  const candidates = above.map(({ number, mean, interval }) => {
    const written = formatInterval(mean, interval!);
    return `trial ${number} (${written.mean}, ${written.low} to ${written.high})`;
  });
  return [
    `Of the ${confirmations.length} points that were run again, ${candidates.join(' and ')} did better ` +
      `than ${reference?.name ?? 'the reference'}. Picked out of several after the fact, that is a lead to check ` +
      'on new ' +
      `seeds, not a confirmed gain.`,
  ];
}

function describeBaselineBound(baseline: BaselineData): string[] {
  return (baseline.best?.atBound ?? []).map(
    ({ bound }) =>
      `The best ${baseline.name === 'constant' ? 'constant' : 'learning rate'} is at the bound ` +
      `${formatNumber(bound)} ` +
      'of its range, so a better null hypothesis may lie beyond it.',
  );
}

function describeBounds({ parameters }: ReportData, { number, point }: TrialData): string[] {
  const found = listBoundValues(point, parameters).map(
    ({ name, value, side, bound }) => `${name} = ${formatNumber(value)}, at the ${side} bound ${formatNumber(bound)}`,
  );
  if (!found.length) return [];
  if (found.length === 1)
    return [
      `Trial ${number} is at a bound: ${found[0]}. A better point may lie beyond it; widen the range and search again.`,
    ];
  return [
    `Trial ${number} is at the bounds of ${found.length} parameters: ${found.join('; ')}. A better point may lie ` +
      'beyond them; widen the ranges and search again.',
  ];
}
