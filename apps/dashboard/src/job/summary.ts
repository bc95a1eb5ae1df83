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

/** The result of a job: a sentence, notes, and the numbers, with search gain and confirmed gain apart. */
export class Summary {
  readonly element: HTMLElement;
  readonly #verdict = el('p', { class: 'verdict' });
  readonly #shape = el('p', { class: 'verdict' });
  readonly #notes = el('ul', { class: 'notes' });
  readonly #cards = el('dl', { class: 'cards' });
  readonly #progress = createProgress();
  readonly #pace = el('p', { class: 'soft' });
  readonly #error = el('p', { class: 'message', hidden: true });

  constructor() {
    this.element = el('div', {}, this.#progress, this.#pace, this.#error);
    this.element.append(this.#verdict, this.#shape, this.#notes, this.#cards);
  }

  /** @param isExternal whether external programs measure the trials, not workers */
  update(status: JobStatus, isExternal: boolean): void {
    updateProgress(this.#progress, status);
    setText(this.#pace, describePace(status, isExternal));
    const failure =
      status.reason ??
      (status.lastError &&
        `last error, trial ${status.lastError.trial}, ${formatAge(status.lastError.at)}: ${status.lastError.reason}`);
    this.#error.hidden = !failure;
    setText(this.#error, failure ?? '');
    updateChildren(this.#cards, listCards(status), {
      key: ([name]) => name,
      make: () => el('div', {}, el('dt'), el('dd'), el('small')),
      update: (card, parts) => parts.forEach((part, i) => setText(card.children[i]!, part)),
    });
  }

  /** Shows the sentence once there is a result. Before that, it would change with each trial. */
  showVerdict(data: ReportData): void {
    const settled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
    if (!settled && data.state !== 'failed') return setText(this.#verdict, '');
    const verdict = computeVerdict(data);
    const running = data.state === 'queued' || data.state === 'running' || data.state === 'paused';
    this.#verdict.className = `verdict ${verdict.outcome}`;
    setText(this.#verdict, `${running ? 'So far: ' : ''}${verdict.sentence}`);
    this.#shape.className = `verdict ${verdict.shape?.outcome ?? ''}`;
    setText(this.#shape, verdict.shape?.sentence ?? '');
    const limits = verdict.shape ? data.baselineLimits : [];
    updateChildren(this.#notes, [...verdict.notes, ...limits], {
      key: (note) => note,
      make: (note) => el('li', {}, note),
      update: () => {},
    });
  }
}

function describePace(status: JobStatus, isExternal: boolean): string {
  const { state, phase, trialsPerMinute, estimatedEnd, workers, runtime, startedAt, finishedAt, createdAt } = status;
  const parts: string[] = [state === 'running' ? phase : state];
  if (status.stopped) parts.push(`search stopped: ${status.stopped.reason}`);
  if (trialsPerMinute !== null) parts.push(`${formatNumber(trialsPerMinute)} trials per minute`);
  if (estimatedEnd !== null) parts.push(`about ${formatDuration(Date.parse(estimatedEnd) - Date.now())} left`);
  if (state === 'running') parts.push(isExternal ? 'measured by external programs' : describeWorkers(workers));
  if (runtime) parts.push(runtime);
  if (startedAt && finishedAt) parts.push(`took ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`);
  else parts.push(`created ${formatAge(createdAt)}`);
  return parts.join(' · ');
}

function describeWorkers(workers: number): string {
  return workers ? formatPlural(workers, 'worker') : 'no live worker can run its trials';
}

function listCards({ best, reference, searchGain, confirmedGain, metric }: JobStatus): Card[] {
  const format = createColumnFormat([best?.value ?? null, reference]);
  const cards: Card[] = [
    [`Best ${formatMetricName(metric)}`, best ? format(best.value) : '–', describeBestTrial(best)],
  ];
  if (reference === null && searchGain === null && !confirmedGain) return cards;
  const gain = searchGain === null ? '–' : formatSigned(searchGain, format(searchGain));
  cards.push(
    ['Reference', reference === null ? '–' : format(reference), 'same seeds'],
    ['Search gain', gain, 'best of many: optimistic'],
    createConfirmedCard(confirmedGain),
  );
  return cards;
}

function describeBestTrial(best: JobStatus['best']): string {
  if (!best) return 'no complete trial';
  const atBound = best.atBound.map(({ parameter }) => parameter).join(', ');
  return `trial ${best.trial}${atBound ? `; at a bound: ${atBound}` : ''}`;
}

function createConfirmedCard(gain: JobStatus['confirmedGain']): Card {
  const name = 'Confirmed gain';
  if (!gain) return [name, '–', 'not confirmed'];
  if (!gain.interval) return [name, formatSigned(gain.mean), 'too few pairs for an interval'];
  const { mean, low, high } = formatInterval(gain.mean, gain.interval);
  return [name, formatSigned(gain.mean, mean), `95 %: ${low} to ${high}`];
}
