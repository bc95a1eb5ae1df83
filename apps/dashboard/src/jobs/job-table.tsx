import type { JobSummary } from '@gradsmith/contract';
import { Checkbox } from '@mantine/core';
import { Link } from 'react-router';
import {
  createColumnFormat,
  describeConfirmed,
  formatAge,
  formatMetricName,
  formatNonzero,
  formatSigned,
  formatTimeLeft,
} from '../parts/format.ts';
import { JobProgress } from '../parts/job-progress.tsx';
import { LabelTags } from '../parts/label-tags.tsx';
import { listSteps, Sparkline } from '../parts/sparkline.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useNow } from '../parts/use-now.ts';
import { Wide } from '../parts/wide.tsx';

interface JobTableProps {
  readonly jobs: readonly JobSummary[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

/** Columns, and how the service sorts by each at the first click; null if it cannot. */
const columns = [
  { title: 'Name', first: 'name' },
  { title: 'State', first: 'state' },
  { title: 'Progress', first: '-settled' },
  { title: 'Best', first: 'best' },
  { title: 'Trend', first: null },
  { title: 'Gain', first: null },
  { title: 'Time left', first: null },
  { title: 'Created', first: '-createdAt' },
] as const;

const numeric = new Set<string>(['Best', 'Gain', 'Time left']);

/** The jobs that were read, with a box to select each. */
export function JobTable({ jobs, sort, onSort, selected, onSelect }: JobTableProps): React.JSX.Element {
  const now = useNow(true);
  const shown = jobs.filter(({ id }) => selected.has(id)).length;
  const toggle = (id: string): void => {
    const after = new Set(selected);
    if (!after.delete(id)) after.add(id);
    onSelect(after);
  };
  return (
    <Wide label="Jobs">
      <table className="jobs">
        <thead>
          <tr>
            <th scope="col" className="pick">
              <Checkbox
                size="xs"
                aria-label="Select all jobs shown"
                checked={shown > 0 && shown === jobs.length}
                indeterminate={shown > 0 && shown < jobs.length}
                onChange={() => onSelect(new Set(shown === jobs.length ? [] : jobs.map(({ id }) => id)))}
              />
            </th>
            {columns.map((column) => (
              <HeaderCell key={column.title} {...column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} now={now} isSelected={selected.has(job.id)} onToggle={toggle} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

interface HeaderCellProps {
  readonly title: string;
  readonly first: string | null;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

function HeaderCell({ title, first, sort, onSort }: HeaderCellProps): React.JSX.Element {
  const className = `${title.toLowerCase().replace(' ', '-')}${numeric.has(title) ? ' number' : ''}`;
  if (first === null)
    return (
      <th scope="col" className={className}>
        {title}
      </th>
    );
  const key = first.replace('-', '');
  const isSorted = sort === key || sort === `-${key}`;
  const direction = sort.startsWith('-') ? 'descending' : 'ascending';
  const other = sort.startsWith('-') ? key : `-${key}`;
  return (
    <th scope="col" className={className} aria-sort={isSorted ? direction : 'none'}>
      <button type="button" className="sort" onClick={() => onSort(isSorted && key !== 'state' ? other : first)}>
        {title}
      </button>
    </th>
  );
}

interface JobRowProps {
  readonly job: JobSummary;
  readonly now: number;
  readonly isSelected: boolean;
  readonly onToggle: (id: string) => void;
}

function JobRow({ job, now, isSelected, onToggle }: JobRowProps): React.JSX.Element {
  const { id, name, labels, best, reference, metric, searchGain, confirmedGain, improvements, estimatedEnd } = job;
  const format = createColumnFormat([best?.value ?? null, reference]);
  const timeLeft = estimatedEnd === null ? null : formatTimeLeft(Date.parse(estimatedEnd) - now);
  return (
    <tr aria-selected={isSelected}>
      <td className="pick">
        <Checkbox size="xs" aria-label={`Select ${name}`} checked={isSelected} onChange={() => onToggle(id)} />
      </td>
      <td className="name">
        <Link to={`/jobs/${encodeURIComponent(id)}`}>{name}</Link> <LabelTags labels={labels} />
        <div className="narrow">
          <StateBadge state={job.state} />
          <JobProgress {...job} />
          {timeLeft !== null && <span className="soft">{timeLeft} left</span>}
        </div>
      </td>
      <td className="state">
        <StateBadge state={job.state} />
      </td>
      <td className="progress-cell">
        <JobProgress {...job} />
      </td>
      <td className="number">{best ? `${formatMetricName(metric)} ${format(best.value)}` : '–'}</td>
      <td className="trend">
        {improvements.length > 1 && <Sparkline points={listSteps(improvements, job.settled)} />}
      </td>
      <td className="number">
        {searchGain === null ? '–' : formatSigned(searchGain, formatNonzero(searchGain, format))}
        {confirmedGain && <div className="soft">{describeConfirmed(confirmedGain, reference !== null)}</div>}
      </td>
      <td className="number time-left">{timeLeft ?? '–'}</td>
      <td className="created soft">{formatAge(job.createdAt, now)}</td>
    </tr>
  );
}
