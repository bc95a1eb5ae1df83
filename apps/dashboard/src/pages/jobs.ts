import type { JobQuery, Page } from '@gradsmith/client';
import type { JobSummary } from '@gradsmith/contract';
import { computeGain, type JobState } from '@gradsmith/core/domain';
import { el, updateChildren, setText } from '../dom.ts';
import { formatAge, createColumnFormat, formatMetricName, formatSigned } from '../format.ts';
import { poll } from '../poll.ts';
import { createProgress, createStateBadge, updateProgress, updateState } from '../widgets.ts';
import type { PageContext } from './context.ts';

const POLL_MS = 2_000;
const PAGE = 50;
const STATES: readonly (JobState | '')[] = [
  '',
  'queued',
  'running',
  'paused',
  'completed',
  'exhausted',
  'failed',
  'cancelled',
];

/** Shows all jobs, newest first, and keeps them up to date. */
export function jobsPage({ api, root, signal, onOutcome }: PageContext): void {
  let pages = 1;
  const body = el('tbody');
  const empty = el('p', { class: 'soft', hidden: true });
  const more = el('button', { type: 'button', hidden: true, onclick: () => (pages++, polling.now()) }, 'Show more');
  const name = el('input', {
    type: 'search',
    placeholder: 'name',
    'aria-label': 'Part of the name',
    oninput: () => polling.now(),
  });
  const state = el(
    'select',
    { 'aria-label': 'State', onchange: () => polling.now() },
    ...STATES.map((value) => el('option', { value }, value || 'any state')),
  );
  root.append(
    el(
      'div',
      { class: 'bar' },
      el('h1', {}, 'Jobs'),
      name,
      state,
      el('a', { class: 'button main', href: '#/new' }, 'New job'),
    ),
    el(
      'div',
      { class: 'wide' },
      el(
        'table',
        { class: 'jobs' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ...['Name', 'State', 'Progress', 'Best', 'Search gain', 'Created'].map((head) =>
              el('th', { scope: 'col' }, head),
            ),
          ),
        ),
        body,
      ),
    ),
    empty,
    more,
  );
  document.title = 'Jobs: Gradsmith';

  const polling = poll(
    async (pollSignal) => {
      const items: JobSummary[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < pages; page++) {
        const answer: Page<JobSummary> = await api.listJobsPage(
          readQuery(name.value, state.value),
          { limit: PAGE, cursor },
          pollSignal,
        );
        items.push(...answer.items);
        cursor = answer.next;
        if (!cursor) break;
      }
      if (pollSignal.aborted) return;
      updateChildren(body, items, { key: ({ id }) => id, make: createRow, update: updateRow });
      more.hidden = !cursor;
      empty.hidden = items.length > 0;
      setText(empty, name.value || state.value ? 'No job matches.' : 'No job yet. Create one with “New job”.');
    },
    { everyMs: POLL_MS, signal, onOutcome },
  );
}

function readQuery(name: string, state: string): JobQuery {
  const query: JobQuery = {};
  if (name.trim()) query.name = name.trim();
  if (state) query.state = state as JobState;
  return query;
}

function createRow({ id, name, labels }: JobSummary): HTMLTableRowElement {
  const tags = Object.entries(labels).map(([key, value]) =>
    el('span', { class: 'tag' }, value ? `${key}: ${value}` : key),
  );
  return el(
    'tr',
    {},
    el('td', {}, el('a', { href: `#/jobs/${encodeURIComponent(id)}` }, name), ' ', ...tags),
    el('td', {}, createStateBadge()),
    el('td', {}, createProgress()),
    el('td', { class: 'number' }),
    el('td', { class: 'number' }),
    el('td', { class: 'soft' }),
  );
}

function updateRow(row: HTMLElement, job: JobSummary): void {
  const [, state, bar, best, gain, created] = Array.from(row.children) as HTMLElement[];
  updateState(state!.firstElementChild as HTMLElement, job.state);
  updateProgress(bar!.firstElementChild as HTMLElement, job);
  const format = createColumnFormat([job.best?.value ?? null, job.reference]);
  setText(best!, job.best ? `${formatMetricName(job.metric)} ${format(job.best.value)}` : '–');
  const searchGain =
    job.best && job.reference !== null ? computeGain(job.reference, job.best.value, job.direction) : null;
  setText(gain!, searchGain === null ? '–' : formatSigned(searchGain, format(searchGain)));
  setText(created!, formatAge(job.createdAt));
}
