import { readValue } from '@gradsmith/charts';
import { el, updateChildren, setText } from '../dom.ts';
import { formatBound, formatCount, formatNumber, formatSigned, formatDuration } from '../format.ts';
import { createStateBadge, updateState } from '../widgets.ts';
import type { TrialRow } from './store.ts';

/** Height of a row, px. It is fixed, so that the position of each row is known without layout. */
const ROW = 30;
/** Additional rows above and below those in view. */
const MARGIN = 10;
/** Parameters with a column. More would not fit; the dialog of a trial shows all. */
const PARAMETERS = 8;

interface Column {
  readonly name: string;
  /** How a cell is drawn; text by default. The name cannot decide this: parameters may be named like any column. */
  readonly kind?: 'link' | 'state';
  readonly key: (row: TrialRow) => number | string | null;
  readonly text: (row: TrialRow) => string;
}

interface TableContext {
  readonly parameters: readonly string[];
  readonly metric: string;
  readonly direction: 'minimize' | 'maximize';
  /** Whether trials have a gain over a reference. */
  readonly hasGains: boolean;
  readonly onOpen: (trial: number) => void;
}

/**
 * All search trials, sortable and filtered by state. Only the rows in view are in the document, so that it stays fast
 * with very many trials.
 */
export class TrialTable {
  readonly element: HTMLElement;
  readonly #context: TableContext;
  readonly #view = el('div', { class: 'rows', tabindex: '0', role: 'rowgroup', 'aria-label': 'Trials' });
  readonly #space = el('div', { class: 'space' });
  readonly #head = el('div', { class: 'row head', role: 'row' });
  readonly #count = el('span', { class: 'soft' });
  readonly #filter: HTMLSelectElement;
  readonly #columns: readonly Column[];
  #rows: readonly TrialRow[] = [];
  #shown: readonly TrialRow[] = [];
  #gain: (value: number) => number | null = () => null;
  #sort = { column: 0, descending: true };

  constructor(context: TableContext) {
    this.#context = context;
    this.#columns = this.#createColumns();
    const states = ['', 'running', 'pending', 'complete', 'pruned', 'diverged', 'failed', 'cancelled'];
    this.#filter = el(
      'select',
      { 'aria-label': 'State of the trials', onchange: () => this.#arrange() },
      ...states.map((state) => el('option', { value: state }, state || 'any state')),
    );
    this.#columns.forEach((column, i) =>
      this.#head.append(
        el(
          'span',
          { role: 'columnheader' },
          el('button', { type: 'button', onclick: () => this.#sortBy(i) }, column.name),
        ),
      ),
    );
    this.#view.append(this.#space);
    this.#view.addEventListener('scroll', () => this.#draw(), { passive: true });
    this.element = el(
      'section',
      { class: 'trials', style: `--columns:${this.#columns.length}` },
      el('div', { class: 'bar' }, el('h2', {}, 'Trials'), this.#filter, this.#count),
      el('div', { class: 'wide' }, el('div', { class: 'grid', role: 'table' }, this.#head, this.#view)),
    );
  }

  /** @param gain how much better a value is than the reference; null without one */
  update(rows: readonly TrialRow[], gain: (value: number) => number | null): void {
    this.#rows = rows;
    this.#gain = gain;
    this.#arrange();
  }

  /** Draws the rows again, because the durations of running trials change without new data. */
  redraw(): void {
    this.#draw();
  }

  #createColumns(): Column[] {
    const columns: Column[] = [
      { name: 'Trial', kind: 'link', key: ({ number }) => number, text: ({ number }) => String(number) },
      { name: 'State', kind: 'state', key: ({ state }) => state, text: ({ state }) => state },
      {
        name: this.#context.metric,
        key: ({ state, value }) => (state === 'complete' || state === 'diverged' ? value : null),
        text: (row) => formatBound(row, this.#context.direction),
      },
    ];
    if (this.#context.hasGains)
      columns.push({ name: 'Gain', key: (row) => this.#computeGain(row), text: (row) => this.#formatGain(row) });
    columns.push({
      name: 'Took',
      key: computeDuration,
      text: (row) => (computeDuration(row) === null ? '–' : formatDuration(computeDuration(row)!)),
    });
    return [...columns, ...this.#context.parameters.slice(0, PARAMETERS).map(createParameterColumn)];
  }

  #computeGain({ value, state }: TrialRow): number | null {
    return value === null || state !== 'complete' ? null : this.#gain(value);
  }

  #formatGain(row: TrialRow): string {
    const gain = this.#computeGain(row);
    return gain === null ? '–' : formatSigned(gain);
  }

  #sortBy(column: number): void {
    this.#sort = { column, descending: this.#sort.column === column ? !this.#sort.descending : column === 0 };
    this.#arrange();
  }

  /** Filters and sorts. Rows without the value come last in both directions. */
  #arrange(): void {
    const { column, descending } = this.#sort;
    const key = this.#columns[column]!.key;
    const state = this.#filter.value;
    const known = this.#rows.filter((row) => row !== undefined && (!state || row.state === state));
    this.#shown = sortRows(known, key, descending);
    const order = descending ? 'descending' : 'ascending';
    Array.from(this.#head.children).forEach((cell, i) => cell.setAttribute('aria-sort', i === column ? order : 'none'));
    setText(this.#count, `${formatCount(known.length)}${state ? ` of ${formatCount(this.#rows.length)}` : ''}`);
    this.#space.style.height = `${this.#shown.length * ROW}px`;
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#view.scrollTop / ROW) - MARGIN);
    const last = Math.ceil((this.#view.scrollTop + (this.#view.clientHeight || 480)) / ROW) + MARGIN;
    const visible = this.#shown.slice(first, last).map((row, i) => ({ row, top: (first + i) * ROW }));
    updateChildren(this.#space, visible, {
      key: ({ row }) => String(row.number),
      make: ({ row }) => this.#createRow(row.number),
      update: (element, { row, top }) => this.#updateRow(element, row, top),
    });
  }

  #updateRow(element: HTMLElement, row: TrialRow, top: number): void {
    element.style.top = `${top}px`;
    this.#columns.forEach((column, i) => {
      const cell = element.children[i] as HTMLElement;
      if (column.kind === 'state') updateState(cell.firstElementChild as HTMLElement, row.state);
      else setText(column.kind === 'link' ? cell.firstElementChild! : cell, column.text(row));
    });
  }

  #createRow(number: number): HTMLElement {
    const open = el('button', { type: 'button', class: 'link', onclick: () => this.#context.onOpen(number) });
    const contents = { link: open, state: createStateBadge() };
    const cells = this.#columns.map(({ kind }) => el('span', { role: 'cell' }, kind ? contents[kind] : null));
    return el('div', { class: 'row', role: 'row' }, ...cells);
  }
}

function createParameterColumn(name: string): Column {
  return {
    name,
    key: ({ point }) => {
      const value = readValue(point, name) ?? null;
      return typeof value === 'boolean' ? String(value) : value;
    },
    text: ({ point }) => {
      const value = readValue(point, name);
      return typeof value === 'number' ? formatNumber(value) : String(value ?? '–');
    },
  };
}

function computeDuration({ startedAt, finishedAt }: TrialRow): number | null {
  return startedAt === null ? null : (finishedAt ?? Date.now()) - startedAt;
}

function sortRows(rows: readonly TrialRow[], key: Column['key'], descending: boolean): TrialRow[] {
  const keyedRows = rows.map((row) => ({ row, key: key(row) }));
  keyedRows.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    const order = Number(a.key > b.key) - Number(a.key < b.key);
    return (descending ? -order : order) || a.row.number - b.row.number;
  });
  return keyedRows.map(({ row }) => row);
}
