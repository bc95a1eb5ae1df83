import { type ReportData, computeVerdict } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { el, updateChildren, setText } from '../dom.ts';
import {
  formatAge,
  createColumnFormat,
  formatInterval,
  formatNumber,
  formatMetricName,
  formatPlural,
  formatSigned,
  formatDuration,
} from '../format.ts';
import { createProgress, updateProgress } from '../widgets.ts';

type Card = readonly [name: string, value: string, detail: string];

/** What the job has come to: a sentence, notes, and the numbers with the search's gain and the confirmed gain apart. */
export class Summary {
  readonly element: HTMLElement;
  readonly #verdict = el('p', { class: 'verdict' });
  readonly #notes = el('ul', { class: 'notes' });
  readonly #cards = el('dl', { class: 'cards' });
  readonly #progress = createProgress();
  readonly #pace = el('p', { class: 'soft' });
  readonly #error = el('p', { class: 'notice', hidden: true });

  constructor() {
    this.element = el('div', {}, this.#progress, this.#pace, this.#error, this.#verdict, this.#notes, this.#cards);
  }

  /** @param trained whether workers train its trials, rather than programs outside */
  update(status: JobStatus, trained: boolean): void {
    updateProgress(this.#progress, status);
    setText(this.#pace, describePace(status, trained));
    const failure =
      status.reason ??
      (status.lastError &&
        `last error, trial ${status.lastError.trial}, ${formatAge(status.lastError.at)}: ${status.lastError.reason}`);
    this.#error.hidden = !failure;
    setText(this.#error, failure ?? '');
    updateChildren(
      this.#cards,
      listCards(status),
      ([name]) => name,
      () => el('div', {}, el('dt'), el('dd'), el('small')),
      (card, parts) => {
        parts.forEach((part, i) => setText(card.children[i]!, part));
      },
    );
  }

  /** During the search the sentence would change with each trial, so it is shown once there is a result. */
  judge(data: ReportData): void {
    const settled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
    if (!settled && data.state !== 'failed') return setText(this.#verdict, '');
    const verdict = computeVerdict(data);
    const running = data.state === 'queued' || data.state === 'running' || data.state === 'paused';
    this.#verdict.className = `verdict ${verdict.outcome}`;
    setText(this.#verdict, `${running ? 'So far: ' : ''}${verdict.sentence}`);
    updateChildren(
      this.#notes,
      verdict.notes,
      (note) => note,
      (note) => el('li', {}, note),
      () => {},
    );
  }
}

function describePace(status: JobStatus, trained: boolean): string {
  const parts = [
    status.state === 'running' ? status.phase : status.state,
    ...(status.trialsPerMinute === null ? [] : [`${formatNumber(status.trialsPerMinute)} trials a minute`]),
    ...(status.estimatedEnd === null
      ? []
      : [`about ${formatDuration(Date.parse(status.estimatedEnd) - Date.now())} left`]),
    ...(status.state === 'running'
      ? [trained ? describeWorkers(status.workers) : 'its trials are asked for by programs outside']
      : []),
    ...(status.runtime ? [status.runtime] : []),
    status.startedAt && status.finishedAt
      ? `took ${formatDuration(Date.parse(status.finishedAt) - Date.parse(status.startedAt))}`
      : `created ${formatAge(status.createdAt)}`,
  ];
  return parts.join(' · ');
}

function describeWorkers(workers: number): string {
  return workers ? formatPlural(workers, 'worker') : 'no live worker can run its trials';
}

function listCards({ best, reference, searchGain, confirmedGain, metric }: JobStatus): Card[] {
  const format = createColumnFormat([best?.value ?? null, reference]);
  const written = confirmedGain?.interval ? formatInterval(confirmedGain.mean, confirmedGain.interval) : null;
  const gains: Card[] = [
    ['Backpropagation', reference === null ? '–' : format(reference), 'same seeds'],
    [
      'Search gain',
      searchGain === null ? '–' : formatSigned(searchGain, format(searchGain)),
      'best of many: optimistic',
    ],
    [
      'Confirmed gain',
      confirmedGain ? formatSigned(confirmedGain.mean, written?.mean) : '–',
      written
        ? `95 %: ${written.low} to ${written.high}`
        : confirmedGain
          ? 'too few pairs for an interval'
          : 'not confirmed',
    ],
  ];
  const edge = best?.atBound.map(({ parameter }) => parameter).join(', ');
  return [
    [
      `Best ${formatMetricName(metric)}`,
      best ? format(best.value) : '–',
      best ? `trial ${best.trial}${edge ? `; at a bound: ${edge}` : ''}` : 'no complete trial',
    ],
    ...(reference === null && searchGain === null && !confirmedGain ? [] : gains),
  ];
}
