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

/** Runs the page until the returned function is called. `saveKey` stores a key that the user has entered. */
export function start(api: Gradsmith, saveKey: (key: string) => void): () => void {
  const page = document.querySelector<HTMLElement>('#page')!;
  const messages = document.querySelector<HTMLElement>('#message')!;
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
    messages.replaceChildren(read, acted);
    const context: PageContext = {
      api,
      root: page,
      signal: current.signal,
      onOutcome: createMessage(read, onKey),
      onAction: createMessage(acted, onKey),
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

/** Shows the latest failure above the page, and a form for a key if the service requires one. */
function createMessage(place: HTMLElement, onKey: (key: string) => void): OnOutcome {
  let shown = '';
  return (failure) => {
    const text = describeFailure(failure);
    if (text === shown) return;
    shown = text;
    if (!failure) return place.replaceChildren();
    const wantsKey = failure.error instanceof ApiProblem && failure.error.status === 401;
    // One form is enough, and it keeps its text.
    if (wantsKey && place.parentElement!.querySelector('form')) return undefined;
    return place.replaceChildren(wantsKey ? createKeyForm(onKey) : el('p', { class: 'message' }, text));
  };
}

function describeFailure(failure: Parameters<OnOutcome>[0]): string {
  if (!failure) return '';
  const text = describeError(failure.error);
  return failure.retryMs ? `${text}; trying again in ${formatDuration(failure.retryMs)}` : text;
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
    { class: 'message', onsubmit: submit },
    'This service requires a key: ',
    input,
    ' ',
    el('button', { type: 'submit' }, 'Use key'),
  );
}
