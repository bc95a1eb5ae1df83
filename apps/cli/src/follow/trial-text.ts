import type { TrialResource } from '@gradsmith/contract';
import { clean } from '../text/clean.ts';
import { describePoint, duration, number } from '../text/numbers.ts';
import { sparkline } from '../text/sparkline.ts';
import { table } from '../text/table.ts';
import { outcomeOf, titleOf, tookMs } from './describe.ts';

/** Trials as a table, one a line. */
export function trialTable(trials: readonly TrialResource[], metric: string): string[] {
  return table(trials, [
    { title: 'trial', cell: ({ id }) => id },
    { title: 'state', cell: ({ state }) => state },
    { title: metric, align: 'right', cell: ({ value }) => (value === null ? '' : number(value)) },
    { title: 'took', align: 'right', cell: (trial) => timeOf(trial) },
    { title: 'tries', align: 'right', cell: ({ attempts }) => String(attempts.length) },
    { title: 'point by', cell: ({ source }) => source },
    {
      title: 'point',
      cell: ({ point, reason }) =>
        reason ? `${describePoint(point)}  ${clean(reason).replaceAll('\n', ' ')}` : describePoint(point),
    },
  ]);
}

const CURVE = 60;

/** Everything about one trial, for people. */
export function trialText(trial: TrialResource & { curve: readonly number[] }, metric: string): string[] {
  const { point, source, seed, metrics, attempts, curve } = trial;
  const lines = [
    `${titleOf(trial)}: ${outcomeOf(trial, metric)}`,
    `point    ${describePoint(point) || 'none'}  (${source}), seed ${seed}`,
  ];
  if (trial.fallback) lines.push(`         random instead of the model: ${clean(trial.fallback)}`);
  for (const line of table(Object.entries(metrics), [
    { title: 'metric', cell: ([name]) => name },
    { title: 'value', cell: ([, value]) => number(value) },
  ]))
    lines.push(`  ${line}`);
  if (curve.length)
    lines.push(
      `loss     ${sparkline(curve, CURVE, 'minimize')}  ${number(curve[0]!)} to ` +
        `${number(curve.at(-1)!)} in ${curve.length} steps`,
    );
  for (const { worker, startedAt, finishedAt, outcome, reason } of attempts) {
    const took = finishedAt === null ? 'not ended' : duration(Date.parse(finishedAt) - Date.parse(startedAt));
    lines.push(`attempt  ${outcome} on ${clean(worker)}, ${startedAt}, ${took}${reason ? `: ${clean(reason)}` : ''}`);
  }
  return lines;
}

function timeOf(trial: TrialResource): string {
  const ms = tookMs(trial);
  return ms === null ? '' : duration(ms);
}
