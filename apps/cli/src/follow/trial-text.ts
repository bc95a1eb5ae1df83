import type { TrialDetail, TrialResource } from '@gradsmith/contract';
import { cleanText } from '../text/clean.ts';
import { describePoint, formatDuration, formatNumber, formatTrialValue } from '../text/numbers.ts';
import { sparkline } from '../text/sparkline.ts';
import { table } from '../text/table.ts';
import { computeTookMs, describeOutcome, describeTitle, type Measure } from './describe.ts';

/** Returns trials as a table, one per line. That of a pruned one is `≥ 2.31` or `2.31 when stopped`. */
export function formatTrialTable(trials: readonly TrialResource[], measure: Measure): string[] {
  return table(trials, [
    { title: 'trial', cell: ({ id }) => id },
    { title: 'state', cell: ({ state, feasible }) => (feasible === false ? 'infeasible' : state) },
    {
      title: measure.metric,
      align: 'right',
      cell: (trial) => (trial.value === null ? '' : formatTrialValue(trial, measure)),
    },
    { title: 'took', align: 'right', cell: (trial) => formatTook(trial) },
    { title: 'tries', align: 'right', cell: ({ attempts }) => String(attempts.length) },
    { title: 'point by', cell: ({ source }) => source },
    {
      title: 'point',
      cell: ({ point, reason }) =>
        reason ? `${describePoint(point)}  ${cleanText(reason).replaceAll('\n', ' ')}` : describePoint(point),
    },
  ]);
}

const CURVE = 60;

/** Returns everything about one trial, for people. */
export function describeTrial(trial: TrialDetail, measure: Measure): string[] {
  const { point, source, seed, metrics, attempts, curve } = trial;
  const lines = [
    `${describeTitle(trial)}: ${describeOutcome(trial, measure)}`,
    `point    ${describePoint(point) || 'none'}  (${source}), seed ${seed}`,
  ];
  if (trial.fallback) lines.push(`         random instead of the model: ${cleanText(trial.fallback)}`);
  lines.push(...formatMetrics(metrics));
  if (curve.length)
    lines.push(
      `loss     ${sparkline(curve, CURVE, 'minimize')}  ${formatNumber(curve[0]!)} to ` +
        `${formatNumber(curve.at(-1)!)} in ${curve.length} steps`,
    );
  lines.push(...attempts.flatMap((attempt) => [describeAttempt(attempt), ...describeReports(attempt, measure)]));
  return lines;
}

function formatMetrics(metrics: TrialResource['metrics']): string[] {
  const entries = Object.entries(metrics);
  if (!entries.length) return [];
  const lines = table(entries, [
    { title: 'metric', cell: ([name]) => name },
    { title: 'value', cell: ([, value]) => formatNumber(value) },
  ]);
  return lines.map((line) => `  ${line}`);
}

function describeAttempt(attempt: TrialResource['attempts'][number]): string {
  const { worker, startedAt, finishedAt, outcome, reason } = attempt;
  const took = finishedAt === null ? 'not finished' : formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  return `attempt  ${outcome} on ${cleanText(worker)}, ${startedAt}, ${took}${reason ? `: ${cleanText(reason)}` : ''}`;
}

/** Returns what an attempt has reported: the values of the metric, or the losses of a training. */
function describeReports({ values, losses }: TrialDetail['attempts'][number], { direction }: Measure): string[] {
  return [...describeSeries('values', values, direction), ...describeSeries('losses', losses, 'minimize')];
}

type Reported = readonly { step: number; value: number }[];

function describeSeries(title: string, points: Reported, direction: Measure['direction']): string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const numbers = points.map(({ value }) => value);
  const ends = [first, last].map(({ step, value }) => `${formatNumber(value)} at step ${step}`);
  return [`  ${title} ${sparkline(numbers, CURVE, direction)}  ${ends.join(', ')}`];
}

function formatTook(trial: TrialResource): string {
  const ms = computeTookMs(trial);
  return ms === null ? '' : formatDuration(ms);
}
