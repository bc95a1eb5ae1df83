import { jobStates } from '@gradsmith/core/domain';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useJobList } from '../data/use-job-list.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { BulkActions } from './bulk-actions.tsx';
import { JobTable } from './job-table.tsx';
import { useJobFilter } from './use-job-filter.ts';
import { WorkerCount } from './worker-count.tsx';

const TYPING_MS = 200;
const states = ['', ...jobStates].map((value) => ({ value, label: value || 'any state' }));

/** All jobs, filtered and sorted by the service. */
export function JobsPage(): React.JSX.Element {
  const { filter, query, setFilter } = useJobFilter();
  const list = useJobList(query);
  const jobs = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const unreadable = list.data?.pages.flatMap((page) => page.unreadable) ?? [];
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // A job that is no longer shown is not acted on.
  const chosen = jobs.filter(({ id }) => selected.has(id));
  // After an action on all jobs, its outcome is still shown.
  const hasSeenJobs = useRef(false);
  hasSeenJobs.current ||= jobs.length > 0;
  const isFiltered = Boolean(filter.name || filter.state || filter.label);
  return (
    <>
      <PageTitle title="Jobs">
        <WorkerCount />
        <Button component={Link} to="/new">
          New job
        </Button>
      </PageTitle>
      <div className="bar filters" role="search" aria-label="Jobs">
        <TypedFilter
          label="Part of the name"
          placeholder="name"
          value={filter.name}
          onChange={(name) => setFilter({ name })}
        />
        <TypedFilter
          label="Label: key, or key:value"
          placeholder="label, or label:value"
          value={filter.label}
          onChange={(label) => setFilter({ label })}
        />
        <NativeSelect
          aria-label="State"
          data={states}
          value={filter.state}
          onChange={({ currentTarget }) => setFilter({ state: currentTarget.value })}
        />
      </div>
      {hasSeenJobs.current && <BulkActions jobs={chosen} onDone={() => setSelected(new Set())} />}
      <JobTable
        jobs={jobs}
        sort={filter.sort}
        onSort={(sort) => setFilter({ sort })}
        selected={selected}
        onSelect={setSelected}
      />
      {list.isSuccess && jobs.length === 0 && (
        <p className="soft">{isFiltered ? 'No job matches.' : 'No job yet. Create one with “New job”.'}</p>
      )}
      {unreadable.length > 0 && (
        <p className="message">
          The records of {unreadable.join(', ')} cannot be read. Restore them from a back-up, or delete them.
        </p>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage({ cancelRefetch: false })}
        >
          Show more
        </Button>
      )}
    </>
  );
}

interface TypedFilterProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A text field that reports after a pause in typing. */
function TypedFilter({ label, placeholder, value, onChange }: TypedFilterProps): React.JSX.Element {
  const [text, setText] = useState(value);
  const [typed] = useDebouncedValue(text, TYPING_MS);
  useEffect(() => {
    if (typed.trim() !== value) onChange(typed.trim());
    // Only typing reports; an address that is opened changes the field below.
  }, [typed]);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}
