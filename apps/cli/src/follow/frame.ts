import type { TrialResource } from '@gradsmith/contract';
import { bar } from '../text/bar.ts';
import { clean } from '../text/clean.ts';
import { describePoint, duration, number, plural, signed } from '../text/numbers.ts';
import { sparkline } from '../text/sparkline.ts';
import type { Style } from '../text/style.ts';
import { padEnd, padStart } from '../text/width.ts';
import { titleOf, tookMs } from './describe.ts';
import type { Line } from './screen.ts';
import { isSettled, type Snapshot } from './snapshot.ts';

const LABEL = 11;
/** Rows of running trials shown, at most. */
const RUNNING = 6;

export interface FrameOptions {
  columns: number;
  rows: number;
  /** ms since the epoch. */
  now: number;
  /** Steps of one training, for the bars of running trials; 0: unknown. */
  steps: number;
  /** What cannot be asked at the moment. */
  trouble: string | null;
  /** The last line: what keys do. */
  footer: string;
}

const stateStyles: Readonly<Record<string, Style>> = {
  running: 'accent',
  completed: 'good',
  complete: 'good',
  exhausted: 'good',
  failed: 'bad',
  diverged: 'warn',
  pruned: 'dim',
  cancelled: 'warn',
  paused: 'warn',
  queued: 'dim',
};

/**
 * The whole screen of a job: at most `rows` lines. What matters most comes first; the last trials take what rows are
 * left.
 */
export function frame(snapshot: Snapshot, options: FrameOptions): Line[] {
  const bottom: Line[] = [
    ...(snapshot.status.lastError ? [lastError(snapshot)] : []),
    ...(options.trouble === null
      ? []
      : [[{ text: clean(options.trouble).replaceAll('\n', ' '), style: 'bad' as const }]]),
    [{ text: options.footer, style: 'dim' as const }],
  ];
  const top: Line[] = [
    ...heading(snapshot, options),
    [],
    ...results(snapshot, options),
    [],
    ...work(snapshot, options),
  ];
  const left = options.rows - top.length - bottom.length - 2;
  const last = left >= 3 ? [[], ...lastTrials(snapshot, left - 1), []] : [];
  return [...top.slice(0, Math.max(0, options.rows - bottom.length)), ...last, ...bottom].slice(0, options.rows);
}

function heading({ status, done, total, msLeft }: Snapshot, { columns, now }: FrameOptions): Line[] {
  const elapsed =
    status.startedAt === null
      ? null
      : (status.finishedAt === null ? now : Date.parse(status.finishedAt)) - Date.parse(status.startedAt);
  const times = [
    ...(elapsed === null ? [] : [`${duration(elapsed)} so far`]),
    ...(status.phase === 'finished'
      ? []
      : [msLeft === null ? 'time left not known yet' : `about ${duration(msLeft)} left`]),
  ];
  return [
    [
      { text: status.name, style: 'title' },
      { text: `  ${status.id}  `, style: 'dim' },
      { text: status.state, style: stateStyles[status.state] ?? 'title' },
      { text: status.state === 'running' ? `, ${status.phase}` : '' },
    ],
    [
      { text: bar(total > 0 ? done / total : 0, Math.max(10, Math.min(40, columns - 50))), style: 'accent' },
      { text: `  ${done} of ${total} trials  ${times.join(', ')}` },
    ],
  ];
}

function results({ status, trials }: Snapshot, { columns }: FrameOptions): Line[] {
  const { best, reference, searchGain, confirmedGain, metric, direction } = status;
  const lines: Line[] = [];
  const add = (label: string, text: string, style?: Style): void => {
    lines.push([
      { text: label.padEnd(LABEL), style: 'dim' },
      { text, ...(style ? { style } : {}) },
    ]);
  };
  add(
    'best',
    best ? `${metric} ${number(best.value)}  trial ${best.trial}  ${describePoint(best.point)}` : 'none yet',
    best ? 'title' : 'dim',
  );
  if (reference !== null) add('reference', `${metric} ${number(reference)}  plain backpropagation`);
  if (searchGain !== null)
    add('gain', `${signed(searchGain)} in the search${confirmedGain ? '' : ' (optimistic until confirmed)'}`);
  if (confirmedGain) {
    const { mean, interval, seeds } = confirmedGain;
    add(
      'confirmed',
      `${signed(mean)} under ${plural(seeds, 'fresh seed')}${interval ? `, 95 % interval ${signed(interval[0])} to ${signed(interval[1])}` : ''}`,
      mean > 0 ? 'good' : 'warn',
    );
  }
  const values = trials
    .filter((trial) => trial.role === 'search' && isSettled(trial))
    .map(({ state, value }) => (state === 'complete' ? value : null));
  const known = values.filter((value) => value !== null);
  if (known.length) {
    const [low, high] = known.reduce(
      ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
      [Infinity, -Infinity],
    );
    const range = `  ${number(low)} to ${number(high)}`;
    add('values', sparkline(values, Math.max(8, columns - LABEL - range.length - 2), direction) + range, 'accent');
  }
  return lines;
}

function work({ status, trials, workers }: Snapshot, { now, steps }: FrameOptions): Line[] {
  const pace =
    status.trialsPerMinute === null ? '' : `, ${number(Number(status.trialsPerMinute.toPrecision(2)))} trials a minute`;
  // A service's other workers have nothing to do with this job.
  const able = workers.filter(({ runtime }) => runtime === status.runtime);
  const names = able
    .map(({ name, busy, slots }) => `${clean(name)} ${busy.length}/${Math.max(slots, busy.length)}`)
    .join('  ');
  const lines: Line[] = [
    [
      { text: 'workers'.padEnd(LABEL), style: 'dim' },
      {
        text: `${status.workers || 'none'}${pace}${names ? `  ${names}` : ''}`,
        ...(status.workers || status.phase === 'finished' ? {} : { style: 'warn' as const }),
      },
    ],
  ];
  const running = trials.filter(({ state }) => state === 'running');
  running.slice(0, RUNNING).forEach((trial, i) => {
    const more = i === RUNNING - 1 && running.length > RUNNING ? `  and ${running.length - RUNNING} more` : '';
    lines.push([
      { text: (i ? '' : 'running').padEnd(LABEL), style: 'dim' },
      { text: padEnd(titleOf(trial), 26) },
      ...progressOf(trial, now, steps),
      { text: more, style: 'dim' },
    ]);
  });
  return lines;
}

function progressOf({ progress, attempts }: TrialResource, now: number, steps: number): Line {
  const last = attempts.at(-1);
  const since = last ? duration(Math.max(0, now - Date.parse(last.startedAt))) : '';
  // A worker tells the progress every few seconds: of a short trial none is known.
  const share = steps > 0 && progress ? progress.step / steps : null;
  const percent = share === null ? '     ' : ` ${padStart(String(Math.round(100 * share)), 3)} %`;
  const tries = attempts.length > 1 ? `  attempt ${attempts.length}` : '';
  return [
    { text: bar(share ?? 0, 12), style: share === null ? 'dim' : 'accent' },
    { text: `${percent}  ${since}${tries}` },
  ];
}

function lastTrials({ trials, status }: Snapshot, rows: number): Line[] {
  const settled = trials
    .filter(isSettled)
    .sort((a, b) => Date.parse(b.settledAt!) - Date.parse(a.settledAt!))
    .slice(0, rows - 1);
  if (!settled.length) return [];
  return [
    [
      {
        text: `${'settled'.padEnd(27)}${'state'.padEnd(11)}${padStart(status.metric, 10)}  ${'took'.padEnd(8)}point`,
        style: 'dim',
      },
    ],
    ...settled.map((trial): Line => {
      const ms = tookMs(trial);
      const isBest = status.best?.trial === trial.id;
      return [
        { text: padEnd(titleOf(trial), 27), ...(isBest ? { style: 'title' as const } : {}) },
        { text: padEnd(trial.state, 11), ...(stateStyles[trial.state] ? { style: stateStyles[trial.state]! } : {}) },
        {
          text:
            `${padStart(trial.value === null ? '' : number(trial.value), 10)}  ` +
            `${padEnd(ms === null ? '' : duration(ms), 8)}`,
        },
        { text: isBest ? '★ ' : '', style: 'good' },
        { text: trial.role === 'search' ? describePoint(trial.point) : '' },
      ];
    }),
  ];
}

function lastError({ status }: Snapshot): Line {
  const { at, trial, reason } = status.lastError!;
  return [
    {
      text: `last error: trial ${trial} at ${at.slice(11, 19)}: ${clean(reason).replaceAll('\n', ' ')}`,
      style: 'warn',
    },
  ];
}
