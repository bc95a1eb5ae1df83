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
import type { TrialColumn } from './trial-columns.ts';

interface TrialTableProps {
  readonly job: string;
  readonly columns: readonly TrialColumn[];
  readonly rows: readonly TrialRow[];
}

/** Height of a row, px. It is fixed, so that the position of each row is known without layout. */
const ROW = 32;
/** Additional rows above and below those in view. */
const MARGIN = 10;

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
export function TrialTable({ job, columns, rows }: TrialTableProps): React.JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => columns.map(toDefinition), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows as TrialRow[],
    initialState: { sorting: [{ id: 'trial', desc: true }] },
    enableSortingRemoval: false,
    enableMultiSort: false,
    getRowId: ({ number }: TrialRow) => String(number),
  });
  const sorted = table.getRowModel().rows;
  const { sorting } = table.state;
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
  const widths = columns.map(({ kind }) => (kind === 'text' ? 'minmax(110px, 1fr)' : 'minmax(84px, 1fr)')).join(' ');
  return (
    <div
      ref={view}
      className="grid"
      tabIndex={0}
      role="table"
      aria-label="Trials"
      aria-rowcount={sorted.length + 1}
      style={{ '--widths': widths } as React.CSSProperties}
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
  readonly row: Row<Features, TrialRow>;
  readonly now: number;
}

function TrialLine({ job, index, top, columns, row: { original }, now }: TrialLineProps): React.JSX.Element {
  return (
    <div role="row" aria-rowindex={index + 2} className="row" style={{ top }}>
      {columns.map((column) => (
        <span key={column.id} role="cell" className={column.kind} title={column.text(original, now)}>
          <Cell job={job} column={column} row={original} now={now} />
        </span>
      ))}
    </div>
  );
}

interface CellProps {
  readonly job: string;
  readonly column: TrialColumn;
  readonly row: TrialRow;
  readonly now: number;
}

function Cell({ job, column: { kind, text }, row, now }: CellProps): React.ReactNode {
  if (kind === 'state') return <StateBadge state={row.state} />;
  if (kind === 'trial') return <Link to={`/jobs/${encodeURIComponent(job)}/trials/${row.number}`}>{row.number}</Link>;
  return text(row, now);
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
