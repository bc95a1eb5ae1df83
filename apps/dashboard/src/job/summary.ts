import { type ReportData, verdictOf } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { el, keyed, setText } from '../dom.ts';
import { ago, columnFormat, formatInterval, formatNumber, metricLabel, plural, signed, span } from '../format.ts';
import { progress, updateProgress } from '../widgets.ts';

type Card = readonly [name: string, value: string, detail: string];

/** What the job has come to: a sentence, notes, and the numbers with the search's gain and the confirmed gain apart. */
export class Summary {
  readonly element: HTMLElement;
  readonly #verdict = el('p', { class: 'verdict' });
  readonly #notes = el('ul', { class: 'notes' });
  readonly #cards = el('dl', { class: 'cards' });
  readonly #progress = progress();
  readonly #pace = el('p', { class: 'soft' });
  readonly #error = el('p', { class: 'notice', hidden: true });

  constructor() {
    this.element = el('div', {}, this.#progress, this.#pace, this.#error, this.#verdict, this.#notes, this.#cards);
  }

  /** @param trained whether workers train its trials, rather than programs outside */
  update(status: JobStatus, trained: boolean): void {
    updateProgress(this.#progress, status);
    setText(this.#pace, paceText(status, trained));
    const failure =
      status.reason ??
      (status.lastError &&
        `last error, trial ${status.lastError.trial}, ${ago(status.lastError.at)}: ${status.lastError.reason}`);
    this.#error.hidden = !failure;
    setText(this.#error, failure ?? '');
    keyed(
      this.#cards,
      cardsOf(status),
      ([name]) => name,
      () => el('div', {}, el('dt'), el('dd'), el('small')),
      (card, parts) => {
        parts.forEach((part, i) => setText(card.children[i]!, part));
      },
    );
  }

  /** While the search runs its sentence would change with each trial; it is told once there is something to tell. */
  judge(data: ReportData): void {
    const settled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
    if (!settled && data.state !== 'failed') return setText(this.#verdict, '');
    const verdict = verdictOf(data);
    const running = data.state === 'queued' || data.state === 'running' || data.state === 'paused';
    this.#verdict.className = `verdict ${verdict.outcome}`;
    setText(this.#verdict, `${running ? 'So far: ' : ''}${verdict.sentence}`);
    keyed(
      this.#notes,
      verdict.notes,
      (note) => note,
      (note) => el('li', {}, note),
      () => {},
    );
  }
}

function paceText(status: JobStatus, trained: boolean): string {
  const parts = [
    status.state === 'running' ? status.phase : status.state,
    ...(status.trialsPerMinute === null ? [] : [`${formatNumber(status.trialsPerMinute)} trials a minute`]),
    ...(status.estimatedEnd === null ? [] : [`about ${span(Date.parse(status.estimatedEnd) - Date.now())} left`]),
    ...(status.state === 'running'
      ? [trained ? workersText(status.workers) : 'its trials are asked for by programs outside']
      : []),
    ...(status.runtime ? [status.runtime] : []),
    status.startedAt && status.finishedAt
      ? `took ${span(Date.parse(status.finishedAt) - Date.parse(status.startedAt))}`
      : `created ${ago(status.createdAt)}`,
  ];
  return parts.join(' · ');
}

function workersText(workers: number): string {
  return workers ? plural(workers, 'worker') : 'no live worker can run its trials';
}

function cardsOf({ best, reference, searchGain, confirmedGain, metric }: JobStatus): Card[] {
  const format = columnFormat([best?.value ?? null, reference]);
  const written = confirmedGain?.interval ? formatInterval(confirmedGain.mean, confirmedGain.interval) : null;
  const gains: Card[] = [
    ['Backpropagation', reference === null ? '–' : format(reference), 'same seeds'],
    ['Search gain', searchGain === null ? '–' : signed(searchGain, format(searchGain)), 'best of many: optimistic'],
    [
      'Confirmed gain',
      confirmedGain ? signed(confirmedGain.mean, written?.mean) : '–',
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
      `Best ${metricLabel(metric)}`,
      best ? format(best.value) : '–',
      best ? `trial ${best.trial}${edge ? `; on the edge: ${edge}` : ''}` : 'no complete trial',
    ],
    ...(reference === null && searchGain === null && !confirmedGain ? [] : gains),
  ];
}
