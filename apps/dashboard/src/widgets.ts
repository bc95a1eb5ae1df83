import type { JobSummary } from '@gradsmith/contract';
import { el, setText } from './dom.ts';
import { formatCount } from './format.ts';

/** A job's or trial's state, coloured and in words. */
export function createStateBadge(): HTMLElement {
  return el('span', { class: 'badge' });
}

export function updateState(badge: HTMLElement, state: string): void {
  setText(badge, state);
  if (badge.dataset['state'] !== state) badge.dataset['state'] = state;
}

const parts = ['complete', 'pruned', 'diverged', 'failed', 'running'] as const;

/** How much of the budget is settled, by state. */
export function createProgress(): HTMLElement {
  return el(
    'div',
    { class: 'progress' },
    el('div', { class: 'track' }, ...parts.map((state) => el('i', { class: state }))),
    el('span', { class: 'soft' }),
  );
}

export function updateProgress(
  element: HTMLElement,
  { counts, settled, budget }: Pick<JobSummary, 'counts' | 'settled' | 'budget'>,
): void {
  const [track, label] = Array.from(element.children) as [HTMLElement, HTMLElement];
  parts.forEach((state, i) => {
    (track.children[i] as HTMLElement).style.width = `${(100 * counts[state]) / Math.max(1, budget)}%`;
  });
  const text = parts
    .filter((state) => counts[state])
    .map((state) => `${formatCount(counts[state])} ${state}`)
    .join(', ');
  element.title = text || 'nothing yet';
  const open = [
    ...(counts.running ? [`${formatCount(counts.running)} running`] : []),
    ...(counts.failed ? [`${formatCount(counts.failed)} failed`] : []),
  ];
  setText(label, `${formatCount(settled)} of ${formatCount(budget)}${open.length ? `, ${open.join(', ')}` : ''}`);
}
