import { describeDivergedRuns, hasDivergedSeeds } from '@gradsmith/charts/describe-divergence';
import { formatSetting } from '@gradsmith/charts/judge-shape';
import type { TrialResource } from '@gradsmith/contract';
import { drawBar } from '../text/bar.ts';
import { cleanText } from '../text/clean.ts';
import {
  describePoint,
  formatDuration,
  formatNumber,
  formatPlural,
  formatSigned,
  formatTrialValue,
} from '../text/numbers.ts';
import { sparkline } from '../text/sparkline.ts';
import type { Span, Style } from '../text/style.ts';
import { padEnd, padStart } from '../text/width.ts';
import {
  computeTookMs,
  createMeasure,
  describeProgress,
  describeTitle,
  nameReference,
  type Measure,
} from './describe.ts';
import type { Line } from './screen.ts';
import { isSettled, type Snapshot } from './snapshot.ts';

const LABEL = 11;
/** Largest number of running trials shown. */
const RUNNING = 6;

export interface FrameOptions {
  columns: number;
  rows: number;
  /** ms since the epoch. */
  now: number;
  /** Steps of one training, for the bars of running trials; 0: unknown. */
  steps: number;
  /** Why the host cannot be reached; null if it answers. */
  trouble: string | null;
  /** What is being waited for before the first trial. */
  activity: string | null;
  /** The last line: what keys do. */
  footer: string;
}

const stateStyles: ReadonlyMap<string, Style> = new Map([
  ['running', 'accent'],
  ['completed', 'good'],
  ['complete', 'good'],
  ['exhausted', 'good'],
  ['failed', 'bad'],
  ['diverged', 'warn'],
  ['pruned', 'dim'],
  ['cancelled', 'warn'],
  ['paused', 'warn'],
  ['queued', 'dim'],
]);

/**
 * Returns the whole screen of a job: at most `rows` lines, the most important first. The last trials take the rows that
 * are left.
 */
export function renderFrame(snapshot: Snapshot, options: FrameOptions): Line[] {
  const bottom = listMessages(snapshot, options);
  const top: Line[] = [
    ...formatHeading(snapshot, options),
    [],
    ...formatResults(snapshot, options),
    [],
    ...formatWork(snapshot, options),
  ];
  const left = options.rows - top.length - bottom.length - 2;
  const last = left >= 3 ? [[], ...formatLastTrials(snapshot, left - 1), []] : [];
  return [...top.slice(0, Math.max(0, options.rows - bottom.length)), ...last, ...bottom].slice(0, options.rows);
}

function listMessages({ status }: Snapshot, { trouble, activity, footer }: FrameOptions): Line[] {
  const lines: Line[] = [];
  if (status.lastError) {
    const { at, trial, reason } = status.lastError;
    lines.push([{ text: `last error: trial ${trial} at ${at.slice(11, 19)}: ${toOneLine(reason)}`, style: 'warn' }]);
  }
  if (activity !== null) lines.push([{ text: toOneLine(activity), style: 'accent' }]);
  if (trouble !== null) lines.push([{ text: toOneLine(trouble), style: 'bad' }]);
  lines.push([{ text: footer, style: 'dim' }]);
  return lines;
}

function toOneLine(text: string): string {
  return cleanText(text).replaceAll('\n', ' ');
}

function formatHeading({ status, done, total, msLeft }: Snapshot, { columns, now }: FrameOptions): Line[] {
  const times: string[] = [];
  if (status.startedAt !== null) {
    const end = status.finishedAt === null ? now : Date.parse(status.finishedAt);
    times.push(`${formatDuration(end - Date.parse(status.startedAt))} so far`);
  }
  if (status.phase !== 'finished')
    times.push(msLeft === null ? 'time left not known yet' : `about ${formatDuration(msLeft)} left`);
  return [
    [
      { text: status.name, style: 'title' },
      { text: `  ${status.id}  `, style: 'dim' },
      { text: status.state, style: stateStyles.get(status.state) ?? 'title' },
      { text: status.state === 'running' ? `, ${status.phase}` : '' },
    ],
    [
      { text: drawBar(total > 0 ? done / total : 0, Math.max(10, Math.min(40, columns - 50))), style: 'accent' },
      { text: `  ${done} of ${total} trials  ${times.join(', ')}` },
    ],
  ];
}

/** Returns a line with a label in front. */
function labelLine(label: string, text: string, style?: Style): Line {
  return [{ text: label.padEnd(LABEL), style: 'dim' }, toSpan(text, style)];
}

function toSpan(text: string, style: Style | undefined): Span {
  return style ? { text, style } : { text };
}

function formatResults(snapshot: Snapshot, { columns }: FrameOptions): Line[] {
  const {
    best,
    pareto,
    reference,
    referenceDivergence: divergence,
    searchGain,
    confirmedGain,
    metric,
  } = snapshot.status;
  const lines: Line[] = [];
  if (best) {
    const point = describePoint(best.point);
    lines.push(labelLine('best', `${metric} ${formatNumber(best.value)}  trial ${best.trial}  ${point}`, 'title'));
  } else if (pareto?.reference) {
    const size = formatPlural(pareto.front.length, 'trial');
    lines.push(labelLine('front', `${size}  hypervolume ${formatNumber(pareto.hypervolume)}`, 'title'));
  } else lines.push(labelLine('best', 'none yet', 'dim'));
  const { name: trains } = nameReference(snapshot.spec);
  if (reference !== null) lines.push(labelLine('reference', `${metric} ${formatNumber(reference)}  ${trains}`));
  else if (divergence && divergence.value !== null)
    lines.push(labelLine('reference', `${metric} ${formatNumber(divergence.value)} (diverged)  ${trains}`, 'warn'));
  if (searchGain !== null) {
    const remark = confirmedGain ? '' : ' (optimistic until confirmed)';
    lines.push(labelLine('gain', `${formatSigned(searchGain)} in the search${remark}`));
  }
  if (confirmedGain) {
    const { mean, interval, seeds } = confirmedGain;
    const range = interval ? `, 95 % interval ${formatSigned(interval[0])} to ${formatSigned(interval[1])}` : '';
    const isDiverged = hasDivergedSeeds(divergence);
    const diverged = isDiverged ? `: the reference ${describeDivergedRuns({ ...divergence, value: null })}` : '';
    const text = `${formatSigned(mean)} under ${formatPlural(seeds, 'fresh seed')}${range}${diverged}`;
    lines.push(labelLine('confirmed', text, mean > 0 && !isDiverged ? 'good' : 'warn'));
  }
  for (const baseline of snapshot.status.baselines) {
    const { name, budget, settled, best } = baseline;
    const value = best ? `${metric} ${formatNumber(best.value)}  ${formatSetting(baseline)}  ` : '';
    lines.push(labelLine(name === 'constant' ? name : 'rate', `${value}${settled} of ${budget} trials`));
  }
  return [...lines, ...formatValues(snapshot, columns)];
}

/** Returns the values of the search as a sparkline; no line before the first value. */
function formatValues({ trials, status }: Snapshot, columns: number): Line[] {
  const values = trials
    .filter((trial) => trial.role === 'search' && isSettled(trial))
    .map(({ state, value }) => (state === 'complete' ? value : null));
  const known = values.filter((value) => value !== null);
  if (!known.length) return [];
  const [low, high] = known.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const range = `  ${formatNumber(low)} to ${formatNumber(high)}`;
  const line = sparkline(values, Math.max(8, columns - LABEL - range.length - 2), status.direction);
  return [labelLine('values', line + range, 'accent')];
}

function formatWork({ status, trials, workers }: Snapshot, { now, steps }: FrameOptions): Line[] {
  // The other workers of a service cannot run this job.
  const names = workers
    .filter(({ runtime }) => runtime === status.runtime)
    .map(({ name, busy, slots }) => `${cleanText(name)} ${busy.length}/${Math.max(slots, busy.length)}`);
  const texts = [`${status.workers || 'none'}${formatPace(status.trialsPerMinute)}`];
  if (names.length) texts.push(names.join('  '));
  const style = status.workers || status.phase === 'finished' ? undefined : 'warn';
  const lines: Line[] = [labelLine('workers', texts.join('  '), style)];
  const running = trials.filter(({ state }) => state === 'running');
  running.slice(0, RUNNING).forEach((trial, i) => {
    const more = i === RUNNING - 1 && running.length > RUNNING ? `  and ${running.length - RUNNING} more` : '';
    lines.push([
      { text: (i ? '' : 'running').padEnd(LABEL), style: 'dim' },
      { text: padEnd(describeTitle(trial), 26) },
      ...formatProgress(trial, { now, steps, metric: status.metric }),
      { text: more, style: 'dim' },
    ]);
  });
  return lines;
}

function formatPace(trialsPerMinute: number | null): string {
  return trialsPerMinute === null ? '' : `, ${Number(trialsPerMinute.toPrecision(2))} trials a minute`;
}

function formatProgress(
  trial: TrialResource,
  { now, steps, metric }: Pick<FrameOptions, 'now' | 'steps'> & { metric: string },
): Line {
  const { progress, attempts } = trial;
  const last = attempts.at(-1);
  const since = last ? formatDuration(Math.max(0, now - Date.parse(last.startedAt))) : '';
  // A worker reports the progress every few seconds, so a short trial has none.
  const share = steps > 0 && progress ? progress.step / steps : null;
  const percent = share === null ? '     ' : ` ${padStart(String(Math.round(100 * share)), 3)} %`;
  const tries = attempts.length > 1 ? `  attempt ${attempts.length}` : '';
  return [
    { text: drawBar(share ?? 0, 12), style: share === null ? 'dim' : 'accent' },
    { text: `${percent}  ${since}${tries}  ${describeProgress(trial, metric)}`.trimEnd() },
  ];
}

function formatLastTrials({ trials, status, spec }: Snapshot, rows: number): Line[] {
  const settled = trials
    .filter(isSettled)
    .sort((a, b) => Date.parse(b.settledAt!) - Date.parse(a.settledAt!))
    .slice(0, rows - 1);
  if (!settled.length) return [];
  const metric = padStart(status.metric, 10);
  const measure = createMeasure(status, spec);
  const head = `${'settled'.padEnd(27)}${'state'.padEnd(11)}${metric}  ${'took'.padEnd(8)}point`;
  return [
    [{ text: head, style: 'dim' }],
    ...settled.map((trial) => formatSettled(trial, measure, status.best?.trial === trial.id)),
  ];
}

function formatSettled(trial: TrialResource, measure: Measure, isBest: boolean): Line {
  const ms = computeTookMs(trial);
  return [
    toSpan(padEnd(describeTitle(trial), 27), isBest ? 'title' : undefined),
    toSpan(padEnd(trial.state, 11), stateStyles.get(trial.state)),
    {
      text: `${padStart(formatSettledValue(trial, measure), 10)}  ${padEnd(ms === null ? '' : formatDuration(ms), 8)}`,
    },
    { text: isBest ? '★ ' : '', style: 'good' },
    { text: trial.number === null ? '' : describePoint(trial.point) },
  ];
}

/** The column is narrow, and the state next to it says that the trial was stopped. */
function formatSettledValue(trial: TrialResource, measure: Measure): string {
  if (trial.value === null) return '';
  return measure.prunedValue === 'bound' ? formatTrialValue(trial, measure) : formatNumber(trial.value);
}
