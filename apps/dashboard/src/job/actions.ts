import type { Gradsmith } from '@gradsmith/client';
import type { JobStatus } from '@gradsmith/contract';
import { el } from '../dom.ts';
import type { OnOutcome } from '../pages/context.ts';

interface ActionsContext {
  readonly api: Gradsmith;
  readonly id: string;
  /** Called after something was changed. */
  readonly onChanged: () => void;
  readonly onAction: OnOutcome;
  /** Opens the new-job page with this job's text. */
  readonly onCopy: () => void;
}

/** Buttons for what the job's state allows; the service decides again. */
export class Actions {
  readonly element = el('div', { class: 'actions' });
  readonly #context: ActionsContext;
  #state = '';

  constructor(context: ActionsContext) {
    this.#context = context;
  }

  update({ state, budget }: JobStatus): void {
    if (this.#state === `${state} ${budget}`) return;
    this.#state = `${state} ${budget}`;
    const { api, id, onCopy } = this.#context;
    const active = state === 'queued' || state === 'running' || state === 'paused';
    this.element.replaceChildren(
      ...(state === 'running' ? [this.#button('Pause', () => api.pause(id))] : []),
      ...(state === 'paused' ? [this.#button('Resume', () => api.resume(id))] : []),
      ...(active
        ? [
            this.#button(
              'Cancel',
              () => api.cancel(id),
              'Cancel this job? Running trials are stopped, and it cannot be resumed.',
            ),
          ]
        : []),
      ...(state === 'completed' || state === 'exhausted' ? [this.#extend(budget)] : []),
      el('button', { type: 'button', onclick: onCopy }, 'Copy as new job'),
      this.#download('CSV', 'trials.csv'),
      this.#download('Export', 'export'),
      ...(active
        ? []
        : [
            this.#button(
              'Delete',
              () => api.delete(id).then(() => location.assign('#/')),
              'Delete this job with everything recorded of it?',
            ),
          ]),
    );
  }

  #button(name: string, action: () => Promise<unknown>, question?: string): HTMLButtonElement {
    const button = el(
      'button',
      { type: 'button', onclick: () => (!question || confirm(question)) && void this.#run(button, action) },
      name,
    );
    return button;
  }

  #extend(budget: number): HTMLElement {
    const input = el('input', {
      type: 'number',
      min: budget + 1,
      max: 100_000,
      value: budget * 2,
      required: true,
      'aria-label': 'New budget in all',
    });
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.#run(button, () => this.#context.api.extend(this.#context.id, input.valueAsNumber));
    };
    const button = el('button', { type: 'submit' }, 'Extend');
    return el('form', { class: 'inline', onsubmit: submit }, input, button);
  }

  #download(name: string, file: 'export' | 'trials.csv'): HTMLButtonElement {
    const { api, id } = this.#context;
    return this.#button(name, async () => {
      const address = URL.createObjectURL(await api.downloadFile(id, file));
      el('a', { href: address, download: file === 'export' ? `${id}.json` : `${id}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    });
  }

  async #run(button: HTMLButtonElement, action: () => Promise<unknown>): Promise<void> {
    button.disabled = true;
    this.#context.onAction(null);
    try {
      await action();
      this.#context.onChanged();
    } catch (error) {
      this.#context.onAction({ error });
    }
    button.disabled = false;
  }
}
