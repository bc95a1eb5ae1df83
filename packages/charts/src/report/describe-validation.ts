import { classifyInterval } from '@gradsmith/core/domain';
import { formatMargin, isFiniteNumber } from '../text/numbers.ts';
import type { ConfirmationData, IntervalData, ReportData } from './data.ts';
import { hasDivergedSeeds } from './describe-divergence.ts';

/**
 * Says how a confirmed point does on the validation examples, in a sentence: a search in a training loss does not see
 * them. Empty without an interval.
 */
export function describeValidation(
  { number, validation }: ConfirmationData,
  { reference }: Pick<ReportData, 'reference'>,
): string[] {
  const phrases = (validation ?? []).flatMap(({ metric, mean, interval }) =>
    describeGain(metric.replace('-', ' '), mean, interval),
  );
  if (!phrases.length) return [];
  const divergence = reference?.divergence;
  const diverged = hasDivergedSeeds(divergence)
    ? `, which diverged under ${divergence.diverged} of ${divergence.seeds} of them`
    : '';
  return [
    `On the validation examples, under the same fresh seeds, trial ${number} ${phrases.join(', and ')} ` +
      `than ${reference?.name ?? 'the reference'}${diverged}.`,
  ];
}

function describeGain(name: string, mean: number, interval: IntervalData): string[] {
  if (!interval?.every(isFiniteNumber)) return [];
  const written = formatMargin(Math.abs(mean), interval);
  const size = `${written.mean} ± ${written.margin}`;
  const kind = classifyInterval(interval);
  if (kind !== 'unclear') return [`has a ${kind} ${name} by ${size}`];
  return [`has no clearly better or worse ${name} (${mean < 0 ? '−' : '+'}${size})`];
}
