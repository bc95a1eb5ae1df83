import { readValue } from '@gradsmith/charts';
import { el, updateChildren, setText } from '../dom.ts';
import { formatBound, formatCount, formatNumber, formatSigned, formatDuration } from '../format.ts';
import { createStateBadge, updateState } from '../widgets.ts';
import type { TrialRow } from './store.ts';

/** Height of a row, px: fixed, so that the place of each is known without laying it out. */
const ROW = 30;
/** Rows made beyond those in view, on each side. */
const MARGIN = 10;
/** Parameters with their own column; more would not fit, and the trial's own page has them all. */
const PARAMETERS = 8;

interface Column {
  readonly name: string;
  /** How a cell is drawn; text by default. A name does not tell, because parameters may be named like any column. */
  readonly kind?: 'link' | 'state';
  readonly key: (row: TrialRow) => number | string | null;
  readonly text: (row: TrialRow) => string;
}

interface TableContext {
  readonly parameters: readonly string[];
  readonly metric: string;
  readonly direction: 'minimize' | 'maximize';
  /** Whether there is a reference to gain over. */
  readonly gains: boolean;
  readonly onOpen: (trial: number) => void;
}

/**
 * All search trials, sortable and filtered by state. Only the rows in view are in the document, so that it stays quick
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
    this.#columns = this.#makeColumns();
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

  /** How long the running ones have taken goes on without news of them. */
  redraw(): void {
    this.#draw();
  }

  #makeColumns(): Column[] {
    return [
      { name: 'Trial', kind: 'link', key: ({ number }) => number, text: ({ number }) => String(number) },
      { name: 'State', kind: 'state', key: ({ state }) => state, text: ({ state }) => state },
      {
        name: this.#context.metric,
        key: ({ state, value }) => (state === 'complete' || state === 'diverged' ? value : null),
        text: (row) => formatBound(row, this.#context.direction),
      },
      ...(this.#context.gains
        ? [{ name: 'Gain', key: (row: TrialRow) => this.#gainOf(row), text: (row: TrialRow) => this.#gainText(row) }]
        : []),
      {
        name: 'Took',
        key: computeDuration,
        text: (row) => (computeDuration(row) === null ? '–' : formatDuration(computeDuration(row)!)),
      },
      ...this.#context.parameters.slice(0, PARAMETERS).map(createParameterColumn),
    ];
  }

  #gainOf({ value, state }: TrialRow): number | null {
    return value === null || state !== 'complete' ? null : this.#gain(value);
  }

  #gainText(row: TrialRow): string {
    const gain = this.#gainOf(row);
    return gain === null ? '–' : formatSigned(gain);
  }

  #sortBy(column: number): void {
    this.#sort = { column, descending: this.#sort.column === column ? !this.#sort.descending : column === 0 };
    this.#arrange();
  }

  /** Filters and sorts; rows without the value come last either way. */
  #arrange(): void {
    const { column, descending } = this.#sort;
    const key = this.#columns[column]!.key;
    const state = this.#filter.value;
    const known = this.#rows.filter((row) => row !== undefined && (!state || row.state === state));
    this.#shown = sortRows(known, key, descending);
    Array.from(this.#head.children).forEach((cell, i) =>
      cell.setAttribute('aria-sort', i !== column ? 'none' : descending ? 'descending' : 'ascending'),
    );
    setText(this.#count, `${formatCount(known.length)}${state ? ` of ${formatCount(this.#rows.length)}` : ''}`);
    this.#space.style.height = `${this.#shown.length * ROW}px`;
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#view.scrollTop / ROW) - MARGIN);
    const last = Math.ceil((this.#view.scrollTop + (this.#view.clientHeight || 480)) / ROW) + MARGIN;
    const visible = this.#shown.slice(first, last).map((row, i) => ({ row, top: (first + i) * ROW }));
    updateChildren(
      this.#space,
      visible,
      ({ row }) => String(row.number),
      ({ row }) => this.#makeRow(row.number),
      (element, { row, top }) => {
        element.style.top = `${top}px`;
        this.#columns.forEach((column, i) => {
          const cell = element.children[i] as HTMLElement;
          if (column.kind === 'state') updateState(cell.firstElementChild as HTMLElement, row.state);
          else setText(column.kind === 'link' ? cell.firstElementChild! : cell, column.text(row));
        });
      },
    );
  }

  #makeRow(number: number): HTMLElement {
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
    return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (descending ? -1 : 1) || a.row.number - b.row.number;
  });
  return keyedRows.map(({ row }) => row);
}
