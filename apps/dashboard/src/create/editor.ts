import { findPosition, type Finding } from '@gradsmith/contract/job-text';
import { el, updateChildren, setText } from '../dom.ts';

/** A text area with line numbers. Lines with faults are marked. */
export class Editor {
  readonly element: HTMLElement;
  readonly #gutter = el('div', { class: 'gutter', 'aria-hidden': 'true' });
  readonly #area: HTMLTextAreaElement;

  constructor(onInput: () => void) {
    this.#area = el('textarea', {
      spellcheck: 'false',
      wrap: 'off',
      autocapitalize: 'off',
      'aria-label': 'Job, as YAML or JSON',
      rows: 24,
      oninput: onInput,
    });
    this.#area.addEventListener('scroll', () => (this.#gutter.scrollTop = this.#area.scrollTop), { passive: true });
    this.#area.addEventListener('keydown', (event) => this.#indent(event));
    this.element = el('div', { class: 'editor' }, this.#gutter, this.#area);
  }

  get text(): string {
    return this.#area.value;
  }

  set text(text: string) {
    this.#area.value = text;
  }

  mark(findings: readonly Finding[]): void {
    const marked = new Map(findings.map(({ from, message }) => [findPosition(this.text, from).line, message]));
    const lines = Array.from({ length: this.text.split('\n').length }, (_, i) => i + 1);
    updateChildren(this.#gutter, lines, {
      key: String,
      make: (line) => el('span', {}, String(line)),
      update: (element, line) => {
        element.className = marked.has(line) ? 'wrong' : '';
        element.title = marked.get(line) ?? '';
      },
    });
    this.#area.setAttribute('aria-invalid', String(findings.length > 0));
  }

  /** Selects the text of a finding and scrolls to it. */
  select({ from, to }: Finding): void {
    this.#area.focus();
    this.#area.setSelectionRange(from, to);
    const lineHeight = this.#area.scrollHeight / Math.max(1, this.text.split('\n').length);
    this.#area.scrollTop = Math.max(0, (findPosition(this.text, from).line - 5) * lineHeight);
  }

  /** Tab indents by two spaces. After Escape, Tab leaves the field, so that the page works by keyboard. */
  #indent(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#area.dataset['leave'] = 'yes';
    if (event.key !== 'Tab' || event.shiftKey || this.#area.dataset['leave']) {
      if (event.key !== 'Escape') delete this.#area.dataset['leave'];
      return;
    }
    event.preventDefault();
    this.#area.setRangeText('  ', this.#area.selectionStart, this.#area.selectionEnd, 'end');
    this.#area.dispatchEvent(new Event('input'));
  }
}

/** Creates a list of findings. A click on one selects its text. */
export function createFindingList(onSelect: (finding: Finding) => void): {
  element: HTMLElement;
  show: (findings: readonly Finding[], text: string) => void;
} {
  const element = el('ul', { class: 'findings', role: 'alert' });
  const show = (findings: readonly Finding[], text: string): void => {
    element.replaceChildren(
      ...findings.map((finding) => {
        const button = el('button', { type: 'button', class: 'link', onclick: () => onSelect(finding) });
        setText(button, `line ${findPosition(text, finding.from).line}${finding.place ? `, ${finding.place}` : ''}`);
        return el('li', {}, button, ` ${finding.message}`);
      }),
    );
  };
  return { element, show };
}
