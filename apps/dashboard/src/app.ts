import { ApiProblem, type Gradsmith } from '@gradsmith/client';
import { el, setText } from './dom.ts';
import { describeError, formatPlural, formatDuration } from './format.ts';
import type { OnOutcome, PageContext } from './pages/context.ts';
import { createPage } from './pages/create.ts';
import { jobPage } from './pages/job.ts';
import { jobsPage } from './pages/jobs.ts';
import { workersPage } from './pages/workers.ts';
import { poll } from './poll.ts';

const WORKERS_MS = 5_000;

/** Runs the page until it is closed. `saveKey` keeps a key that the person has entered. */
export function start(api: Gradsmith, saveKey: (key: string) => void): () => void {
  const page = document.querySelector<HTMLElement>('#page')!;
  const notice = document.querySelector<HTMLElement>('#notice')!;
  const workers = document.querySelector<HTMLElement>('#workers')!;
  const draft = { text: null };
  const all = new AbortController();
  let current = new AbortController();

  const open = (): void => {
    current.abort();
    current = new AbortController();
    page.replaceChildren();
    const onKey = (key: string): void => {
      saveKey(key);
      open();
    };
    const [read, acted] = [el('div'), el('div')];
    notice.replaceChildren(read, acted);
    const context: PageContext = {
      api,
      root: page,
      signal: current.signal,
      onOutcome: createNotice(read, onKey),
      onAction: createNotice(acted, onKey),
      draft,
    };
    const [, name, id] = /^#\/(jobs|new|workers)?\/?([^/]*)/.exec(location.hash) ?? [];
    if (name === 'jobs' && id) jobPage(context, decodeURIComponent(id));
    else if (name === 'new') createPage(context);
    else if (name === 'workers') workersPage(context);
    else jobsPage(context);
  };

  window.addEventListener('hashchange', open, { signal: all.signal });
  poll(
    async (signal) => {
      const items = await api.workers(signal);
      const slots = items.reduce((sum, { slots }) => sum + slots, 0);
      const busy = items.reduce((sum, { trials }) => sum + trials.length, 0);
      setText(
        workers,
        items.length
          ? `${formatPlural(items.length, 'worker')}, ${busy} of ${formatPlural(slots, 'slot')} busy`
          : 'no live worker',
      );
    },
    { everyMs: WORKERS_MS, signal: all.signal, onOutcome: (failure) => failure && setText(workers, '') },
  );
  open();
  return () => {
    all.abort();
    current.abort();
  };
}

/** Shows the latest failure in its place above the page, and asks for a key where one is wanted. */
function createNotice(place: HTMLElement, onKey: (key: string) => void): OnOutcome {
  let shown = '';
  return (failure) => {
    const text = failure
      ? `${describeError(failure.error)}${failure.retryMs ? `; trying again in ${formatDuration(failure.retryMs)}` : ''}`
      : '';
    if (text === shown) return;
    shown = text;
    if (!failure) return place.replaceChildren();
    const wantsKey = failure.error instanceof ApiProblem && failure.error.status === 401;
    // One form is enough, and what is typed into it stays.
    if (wantsKey && place.parentElement!.querySelector('form')) return undefined;
    return place.replaceChildren(wantsKey ? createKeyForm(onKey) : el('p', { class: 'notice' }, text));
  };
}

function createKeyForm(onKey: (key: string) => void): HTMLElement {
  const input = el('input', {
    type: 'password',
    autocomplete: 'off',
    required: true,
    'aria-label': 'API key',
    placeholder: 'gs_…',
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    onKey(input.value.trim());
  };
  return el(
    'form',
    { class: 'notice', onsubmit: submit },
    'This service asks for a key: ',
    input,
    ' ',
    el('button', { type: 'submit' }, 'Use it'),
  );
}
