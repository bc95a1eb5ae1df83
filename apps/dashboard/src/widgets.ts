import type { JobSummary } from '@gradsmith/contract';
import { el, setText } from './dom.ts';
import { formatCount } from './format.ts';

/** Creates a badge that shows the state of a job or trial by text and color. */
export function createStateBadge(): HTMLElement {
  return el('span', { class: 'badge' });
}

export function updateState(badge: HTMLElement, state: string): void {
  setText(badge, state);
  if (badge.dataset['state'] !== state) badge.dataset['state'] = state;
}

const parts = ['complete', 'pruned', 'diverged', 'failed', 'running'] as const;

/** Creates a bar that shows how much of the budget is settled, by state. */
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
  const [track, labelElement] = Array.from(element.children) as [HTMLElement, HTMLElement];
  parts.forEach((state, i) => {
    (track.children[i] as HTMLElement).style.width = `${(100 * counts[state]) / Math.max(1, budget)}%`;
  });
  const text = parts
    .filter((state) => counts[state])
    .map((state) => `${formatCount(counts[state])} ${state}`)
    .join(', ');
  element.title = text || 'no trial yet';
  const label = [`${formatCount(settled)} of ${formatCount(budget)}`];
  for (const state of ['running', 'failed'] as const)
    if (counts[state]) label.push(`${formatCount(counts[state])} ${state}`);
  setText(labelElement, label.join(', '));
}
