import { ApiProblem, createUuid } from '@gradsmith/client';
import { checkJobText, locateProblem, type Finding } from '@gradsmith/contract/job-text';
import { parsePointer } from '@gradsmith/core/domain';
import type { JobInput } from '@gradsmith/core/spec';
import { Editor, createFindingList } from '../create/editor.ts';
import { templates } from '../create/templates.ts';
import { el, setText } from '../dom.ts';
import type { PageContext } from './context.ts';

/** The text is checked after a pause in typing, ms. */
const TYPING_MS = 300;

/**
 * Creates a job from a text. Faults are shown at their lines: those that the service's schema finds while typing, and
 * those that the service answers.
 */
export function createPage({ api, root, signal, onAction, draft }: PageContext): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // One key for one text, so that sending it twice creates one job.
  let key = createUuid();
  const editor = new Editor(() => {
    key = createUuid();
    clearTimeout(timer);
    timer = setTimeout(check, TYPING_MS);
  });
  const list = createFindingList((finding) => editor.select(finding));
  const verdict = el('span', { class: 'soft', role: 'status' });
  const submit = el('button', { type: 'submit', class: 'main' }, 'Create job');
  const choose = el(
    'select',
    { 'aria-label': 'Template', onchange: () => load(templates[Number(choose.value)]!.text) },
    ...templates.map(({ name }, i) => el('option', { value: i }, name)),
  );
  const form = el(
    'form',
    { onsubmit: (event) => (event.preventDefault(), void send()) },
    editor.element,
    list.element,
    el('div', { class: 'bar' }, submit, verdict),
  );
  root.append(
    el('div', { class: 'bar' }, el('h1', {}, 'New job'), el('label', {}, 'Template ', choose)),
    el(
      'p',
      { class: 'soft' },
      'YAML or JSON. All names are listed at ',
      el('a', { href: '/v1/catalogue' }, '/v1/catalogue'),
      '.',
    ),
    form,
  );
  document.title = 'New job: Gradsmith';

  const show = (findings: readonly Finding[]): void => {
    editor.mark(findings);
    list.show(findings, editor.text);
    setText(verdict, findings.length ? '' : 'valid');
  };
  const check = (): void => show(checkJobText(editor.text).findings);
  const load = (text: string): void => {
    editor.text = text;
    key = createUuid();
    check();
  };
  const send = async (): Promise<void> => {
    const { document: yaml, job, findings } = checkJobText(editor.text);
    show(findings);
    if (findings.length) return;
    submit.disabled = true;
    onAction(null);
    try {
      const { id } = await api.create(job as JobInput, { key });
      if (!signal.aborted) location.assign(`#/jobs/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof ApiProblem && error.problems.length)
        show(
          error.problems.map(({ pointer, message }) =>
            locateProblem(yaml, editor.text, { path: parsePointer(pointer), message }),
          ),
        );
      else onAction({ error });
    }
    submit.disabled = false;
  };

  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  load(draft.text ?? templates[0]!.text);
  draft.text = null;
}
