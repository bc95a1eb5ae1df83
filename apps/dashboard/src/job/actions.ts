import type { Gradsmith } from '@gradsmith/client';
import type { JobStatus } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import { el } from '../dom.ts';
import type { OnOutcome } from '../pages/context.ts';

interface ActionsContext {
  readonly api: Gradsmith;
  readonly id: string;
  /** Called after an action changed something. */
  readonly onChanged: () => void;
  readonly onAction: OnOutcome;
  /** Opens the new-job page with this job's text. */
  readonly onCopy: () => void;
}

/** Buttons for the actions that the job's state allows. The service checks again. */
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
    this.element.replaceChildren(
      ...this.#createMoves(state, budget),
      el('button', { type: 'button', onclick: this.#context.onCopy }, 'Copy as new job'),
      this.#createDownload('CSV', 'trials.csv'),
      this.#createDownload('Export', 'export'),
    );
    if (!isActive(state)) this.element.append(this.#createDelete());
  }

  /** Returns the controls that move the job to another state. */
  #createMoves(state: JobStatus['state'], budget: number): HTMLElement[] {
    const { api, id } = this.#context;
    const moves: HTMLElement[] = [];
    if (state === 'running') moves.push(this.#createButton('Pause', () => api.pause(id)));
    if (state === 'paused') moves.push(this.#createButton('Resume', () => api.resume(id)));
    if (state === 'completed' || state === 'exhausted') moves.push(this.#createExtension(budget));
    if (isActive(state)) {
      const question = 'Cancel this job? Running trials are stopped, and it cannot be resumed.';
      moves.push(this.#createButton('Cancel', () => api.cancel(id), question));
    }
    return moves;
  }

  #createDelete(): HTMLElement {
    const { api, id } = this.#context;
    const question = 'Delete this job and all its records?';
    return this.#createButton('Delete', () => api.delete(id).then(() => location.assign('#/')), question);
  }

  #createButton(name: string, action: () => Promise<unknown>, question?: string): HTMLButtonElement {
    const button = el(
      'button',
      { type: 'button', onclick: () => (!question || confirm(question)) && void this.#run(button, action) },
      name,
    );
    return button;
  }

  #createExtension(budget: number): HTMLElement {
    const input = el('input', {
      type: 'number',
      min: budget + 1,
      max: 100_000,
      value: budget * 2,
      required: true,
      'aria-label': 'New total budget',
    });
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.#run(button, () => this.#context.api.extend(this.#context.id, input.valueAsNumber));
    };
    const button = el('button', { type: 'submit' }, 'Extend');
    return el('form', { class: 'inline', onsubmit: submit }, input, button);
  }

  #createDownload(name: string, file: 'export' | 'trials.csv'): HTMLButtonElement {
    const { api, id } = this.#context;
    return this.#createButton(name, async () => {
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
