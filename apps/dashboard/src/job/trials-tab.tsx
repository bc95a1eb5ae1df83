import type { JobStatus } from '@gradsmith/contract';
import type { JobSpec } from '@gradsmith/core/spec';
import { Button, Checkbox, NativeSelect, Popover, Stack, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import type { TrialRow } from '../data/trial-rows.ts';
import { formatCount } from '../parts/format.ts';
import { listTrialColumns, type TrialColumn } from './trial-columns.ts';
import { parseTrialFilter } from './trial-filter.ts';
import { TrialTable } from './trial-table.tsx';

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
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const visible = useMemo(() => columns.filter(({ id, isShown }) => chosen[id] ?? isShown), [columns, chosen]);
  const [state, setState] = useState('');
  const [text, setText] = useState('');
  const filter = useMemo(
    () =>
      parseTrialFilter(
        text,
        metric,
        columns.filter(({ id }) => id.startsWith('point.')).map(({ title }) => title),
      ),
    [text, metric, columns],
  );
  const known = useDeferredValue(rows);
  const shown = useMemo(
    () => known.filter((row) => row !== undefined && (!state || row.state === state) && filter.test(row)),
    [known, state, filter],
  );
  const isFiltered = Boolean(state || text.trim());
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
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          error={filter.fault === null ? undefined : `not a condition: ${filter.fault}`}
        />
        <span className="soft" role="status">
          {formatCount(shown.length)}
          {isFiltered ? ` of ${formatCount(known.length)}` : ''} trials
        </span>
        <ColumnChooser columns={columns} chosen={chosen} onChoose={setChosen} />
      </div>
      <TrialTable job={status.id} columns={visible} rows={shown} all={known} />
    </section>
  );
}

interface ColumnChooserProps {
  readonly columns: readonly TrialColumn[];
  readonly chosen: Readonly<Record<string, boolean>>;
  readonly onChoose: (chosen: Readonly<Record<string, boolean>>) => void;
}

function ColumnChooser({ columns, chosen, onChoose }: ColumnChooserProps): React.JSX.Element {
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default">Columns</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns of the table">
        <Stack gap="xs" className="column-list">
          {columns.slice(1).map(({ id, title, isShown }) => (
            <Checkbox
              key={id}
              label={title}
              checked={chosen[id] ?? isShown}
              onChange={({ currentTarget }) => onChoose({ ...chosen, [id]: currentTarget.checked })}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
