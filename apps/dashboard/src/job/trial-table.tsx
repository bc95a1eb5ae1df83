import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Row,
  type SortFn,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { Link } from 'react-router';
import type { TrialRow } from '../data/trial-rows.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { useNow } from '../parts/use-now.ts';
import { chooseFormat, type TrialColumn } from './trial-columns.ts';
import type { TrialOrder } from './use-trial-view.ts';

interface TrialTableProps {
  readonly job: string;
  readonly columns: readonly TrialColumn[];
  readonly rows: readonly TrialRow[];
  /** Trials that decide how numbers are written: also those that a filter hides. */
  readonly all: readonly TrialRow[];
  readonly order: TrialOrder;
  readonly onOrder: (order: TrialOrder) => void;
}

/** Height of a row, px. It is fixed, so that the position of each row is known without layout. */
const ROW = 32;
/** Additional rows above and below those in view. */
const MARGIN = 10;
/** Least width of a column with text or a badge, and with a number, and the space between columns, px. */
const TEXT = 110;
const NUMBER = 84;
const GAP = 12;

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Features = typeof features;

/** Trials of equal value keep their order by number. */
const compare: SortFn<Features, TrialRow> = (a, b, column) => {
  const [x, y] = [a.getValue<number | string>(column), b.getValue<number | string>(column)];
  return Number(x > y) - Number(x < y) || a.original.number - b.original.number;
};

/**
 * The rows, sorted by a click on a column. Only those in view are in the document, so that it stays fast with very
 * many.
 */
export function TrialTable({ job, columns, rows, all, order, onOrder }: TrialTableProps): React.JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => columns.map(toDefinition), [columns]);
  const sorting = useMemo(() => [order], [order]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows as TrialRow[],
    state: { sorting },
    onSortingChange: (update) => onOrder((typeof update === 'function' ? update(sorting) : update)[0]!),
    enableSortingRemoval: false,
    enableMultiSort: false,
    getRowId: ({ number }: TrialRow) => String(number),
  });
  const sorted = table.getRowModel().rows;
  const formats = useMemo(() => columns.map((column) => chooseFormat(column, all)), [columns, all]);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => view.current,
    estimateSize: () => ROW,
    overscan: MARGIN,
  });
  useEffect(() => {
    void view.current?.scrollTo({ top: 0 });
  }, [sorting]);
  const now = useNow(rows.some(({ state }) => state === 'running'));
  const least = columns.map(({ kind }) => (kind === 'text' || kind === 'state' ? TEXT : NUMBER));
  const sizes = {
    '--widths': least.map((width) => `minmax(${width}px, 1fr)`).join(' '),
    '--least': `${least.reduce((sum, width) => sum + width + GAP, GAP)}px`,
  };
  return (
    <div
      ref={view}
      className="grid"
      tabIndex={0}
      role="table"
      aria-label="Trials"
      aria-rowcount={sorted.length + 1}
      style={sizes as React.CSSProperties}
    >
      <div role="rowgroup" className="head">
        <div role="row" aria-rowindex={1} className="row">
          {table.getHeaderGroups()[0]?.headers.map(({ id, column }, i) => (
            <span
              key={id}
              role="columnheader"
              className={columns[i]!.kind}
              aria-sort={describeSort(column.getIsSorted())}
            >
              <button type="button" className="sort" onClick={column.getToggleSortingHandler()}>
                {columns[i]!.title}
              </button>
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="space" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => (
          <TrialLine
            key={sorted[index]!.id}
            job={job}
            index={index}
            top={start}
            columns={columns}
            formats={formats}
            row={sorted[index]!}
            now={now}
          />
        ))}
      </div>
    </div>
  );
}

interface TrialLineProps {
  readonly job: string;
  readonly index: number;
  readonly top: number;
  readonly columns: readonly TrialColumn[];
  readonly formats: readonly ((value: number) => string)[];
  readonly row: Row<Features, TrialRow>;
  readonly now: number;
}

function TrialLine({ job, index, top, columns, formats, row, now }: TrialLineProps): React.JSX.Element {
  const { original } = row;
  return (
    <div role="row" aria-rowindex={index + 2} className="row" style={{ top }}>
      {columns.map((column, i) => {
        const text = column.text(original, now, formats[i]!);
        return (
          <span key={column.id} role="cell" className={column.kind} title={text}>
            <Cell job={job} kind={column.kind} text={text} />
          </span>
        );
      })}
    </div>
  );
}

interface CellProps {
  readonly job: string;
  readonly kind: TrialColumn['kind'];
  readonly text: string;
}

function Cell({ job, kind, text }: CellProps): React.ReactNode {
  if (kind === 'state') return <StateBadge state={text} />;
  if (kind === 'trial') return <Link to={`/jobs/${encodeURIComponent(job)}/trials/${text}`}>{text}</Link>;
  return text;
}

function toDefinition({ id, value, isDescending }: TrialColumn): ColumnDef<Features, TrialRow> {
  return {
    id,
    accessorFn: value,
    sortFn: compare,
    sortUndefined: 'last',
    sortDescFirst: isDescending,
  };
}

function describeSort(sorted: false | 'asc' | 'desc'): 'none' | 'ascending' | 'descending' {
  if (sorted === false) return 'none';
  return sorted === 'asc' ? 'ascending' : 'descending';
}
