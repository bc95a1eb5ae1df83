import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { Button, Checkbox, NativeSelect, Popover, Stack, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import type { TrialRow } from '../data/trial-rows.ts';
import { formatCount } from '../parts/format.ts';
import { listTrialColumns, type TrialColumn } from './trial-columns.ts';
import { parseTrialFilter } from './trial-filter.ts';
import { TrialTable } from './trial-table.tsx';
import { useTrialView } from './use-trial-view.ts';

interface TrialsTabProps {
  readonly status: JobStatus;
  readonly spec: JobSpec;
  readonly rows: readonly TrialRow[];
}

const states = ['', 'running', 'pending', 'complete', 'pruned', 'diverged', 'failed', 'cancelled'].map((value) => ({
  value,
  label: value || 'any state',
}));

/** All search trials of a job: choose columns, filter, sort. */
export function TrialsTab({ status, spec, rows }: TrialsTabProps): React.JSX.Element {
  const { metric, direction, reference } = status;
  const columns = useMemo(
    () => listTrialColumns(spec, { metric, direction, reference } as JobStatus),
    [spec, metric, direction, reference],
  );
  const { state, conditions, visible, order, setState, setConditions, setOrder, toggle } = useTrialView(columns);
  const filter = useMemo(
    () =>
      parseTrialFilter(
        conditions,
        metric,
        columns.filter(({ id }) => id.startsWith('point.')).map(({ title }) => title),
      ),
    [conditions, metric, columns],
  );
  const known = useDeferredValue(rows);
  const shown = useMemo(
    () => known.filter((row) => row !== undefined && (!state || row.state === state) && filter.test(row)),
    [known, state, filter],
  );
  const isFiltered = Boolean(state || conditions.trim());
  return (
    <section className="trials">
      <div className="bar">
        <NativeSelect
          aria-label="State of the trials"
          data={states}
          value={state}
          onChange={({ currentTarget }) => setState(currentTarget.value)}
        />
        <TextInput
          className="grow"
          aria-label="Conditions on trials"
          placeholder={`conditions, such as ${metric} < 1.5, trial >= 10`}
          value={conditions}
          onChange={({ currentTarget }) => setConditions(currentTarget.value)}
          error={filter.fault === null ? undefined : `not a condition: ${filter.fault}`}
        />
        <span className="soft" role="status">
          {formatCount(shown.length)}
          {isFiltered ? ` of ${formatCount(known.length)}` : ''} trials
        </span>
        <ColumnChooser columns={columns} visible={visible} onToggle={toggle} />
      </div>
      <TrialTable job={status.id} columns={visible} rows={shown} all={known} order={order} onOrder={setOrder} />
    </section>
  );
}

interface ColumnChooserProps {
  readonly columns: readonly TrialColumn[];
  readonly visible: readonly TrialColumn[];
  readonly onToggle: (id: string) => void;
}

function ColumnChooser({ columns, visible, onToggle }: ColumnChooserProps): React.JSX.Element {
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">Columns</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns of the table">
        <Stack gap="xs" className="column-list">
          {columns.slice(1).map((column) => (
            <Checkbox
              key={column.id}
              label={column.title}
              checked={visible.includes(column)}
              onChange={() => onToggle(column.id)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
