import type { WorkerResource } from '@gradsmith/contract';
import { el, updateChildren, setText } from '../dom.ts';
import { poll } from '../poll.ts';
import { createStateBadge, updateState } from '../widgets.ts';
import type { PageContext } from './context.ts';

const POLL_MS = 2_000;

/** Shows the live workers and their running trials, and keeps them up to date. */
export function workersPage({ api, root, signal, onOutcome }: PageContext): void {
  const body = el('tbody');
  const empty = el(
    'p',
    { class: 'soft', hidden: true },
    'There is no live worker. Start one on any machine that can reach Redis: ',
    el('code', {}, 'gradsmith worker --redis redis://…'),
  );
  root.append(
    el('div', { class: 'bar' }, el('h1', {}, 'Workers')),
    el(
      'div',
      { class: 'wide' },
      el(
        'table',
        {},
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ...['Worker', 'State', 'Slots', 'Running trials', 'Backend'].map((head) =>
              el('th', { scope: 'col' }, head),
            ),
          ),
        ),
        body,
      ),
    ),
    empty,
  );
  document.title = 'Workers: Gradsmith';
  poll(
    async (pollSignal) => {
      const items = await api.workers(pollSignal);
      if (pollSignal.aborted) return;
      updateChildren(body, items, { key: ({ id }) => id, make: createRow, update: updateRow });
      empty.hidden = items.length > 0;
    },
    { everyMs: POLL_MS, signal, onOutcome },
  );
}

function createRow({ name }: WorkerResource): HTMLTableRowElement {
  return el(
    'tr',
    {},
    el('td', {}, name),
    el('td', {}, createStateBadge()),
    el('td'),
    el('td'),
    el('td', { class: 'soft' }),
  );
}

function updateRow(row: HTMLElement, { state, slots, trials, runtime }: WorkerResource): void {
  const [, badge, count, busy, backend] = Array.from(row.children) as HTMLElement[];
  updateState(badge!.firstElementChild as HTMLElement, state);
  setText(count!, `${trials.length} of ${slots} busy`);
  updateChildren(busy!, trials, {
    key: ({ job, trial }) => `${job}/${trial}`,
    make: ({ job, trial }) =>
      el('div', {}, el('a', { href: `#/jobs/${encodeURIComponent(job)}` }, job), ` trial ${trial}`),
    update: () => {},
  });
  setText(backend!, runtime);
}
