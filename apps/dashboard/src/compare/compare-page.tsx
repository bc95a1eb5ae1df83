import { describeComparison, listDifferences, type ComparedResult } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { describeReference, isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { Button, NativeSelect } from '@mantine/core';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { rowsQuery, specQuery, statusQuery } from '../data/use-job.ts';
import { BestSoFarFigure } from '../figures/best-so-far-figure.tsx';
import { FilePrefix } from '../figures/file-prefix.ts';
import { createColumnFormat, formatInterval, formatMetricName, formatNonzero, formatSigned } from '../parts/format.ts';
import { JobProgress } from '../parts/job-progress.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Wide } from '../parts/wide.tsx';
import { CompareFigures } from './compare-figures.tsx';
import { listComparable, type ComparedJob } from './compared-job.ts';

/** Pause between reads of jobs that are active, ms. */
const POLL_MS = 5_000;
/** Jobs that are offered for comparison. */
const OFFERED = 200;
const MOST = 8;
/** Settings that are shown before one asks for all. */
const SETTINGS = 6;

/** Two or more jobs side by side: their gains, their searches, and the settings in which they differ. */
export default function ComparePage(): React.JSX.Element {
  const [params, setParams] = useSearchParams();
  const ids = useMemo(
    () => [...new Set((params.get('jobs') ?? '').split(',').filter(Boolean))].slice(0, MOST),
    [params],
  );
  const { jobs, unknown } = useComparedJobs(ids);
  const choose = (next: readonly string[]): void => setParams({ jobs: next.join(',') }, { replace: true });
  const isComparison = ids.length > 1;
  const addJob = <AddJob known={ids} isFocused={!isComparison} onAdd={(id) => choose([...ids, id])} />;
  return (
    <>
      <PageTitle title="Compare jobs">{isComparison && ids.length < MOST && addJob}</PageTitle>
      {unknown.length > 0 && <p className="message">There is no job {unknown.join(', ')}.</p>}
      {!isComparison && (
        <div className="bar">
          {addJob}
          <span className="soft">Add at least two jobs, or select them in the list of jobs.</span>
        </div>
      )}
      <ComparisonVerdict jobs={jobs} />
      {jobs.length > 0 && <GainTable jobs={jobs} onRemove={(id) => choose(ids.filter((one) => one !== id))} />}
      {jobs.length > 1 && <DifferenceTable jobs={jobs} />}
      {jobs.length > 1 && (
        <FilePrefix value="comparison">
          <div className="figures">
            <BestSoFarFigure jobs={jobs} />
            <CompareFigures jobs={jobs} />
          </div>
        </FilePrefix>
      )}
    </>
  );
}

/** How the jobs with the metric of the first one compare, in words. */
function ComparisonVerdict({ jobs }: { readonly jobs: readonly ComparedJob[] }): React.JSX.Element | null {
  if (!jobs.length) return null;
  const { metric, direction } = jobs[0]!.status;
  const sentences = describeComparison(
    { name: formatMetricName(metric), direction },
    listComparable(jobs)
      .filter(({ status }) => !status.pareto)
      .map(({ name, status, spec }) => ({
        name,
        best: status.best?.value ?? null,
        reference: status.reference,
        confirmed: status.confirmedGain,
        diverged: describeReferenceRuns(status, spec),
      })),
  );
  return sentences.length ? <p className="verdict">{sentences.join(' ')}</p> : null;
}

function describeReferenceRuns(
  { referenceDivergence: divergence }: JobStatus,
  spec: JobSpec,
): ComparedResult['diverged'] {
  return divergence && isTrainingJob(spec) ? { name: describeReference(spec).name, divergence } : null;
}

function useComparedJobs(ids: readonly string[]): { jobs: readonly ComparedJob[]; unknown: readonly string[] } {
  const api = useApi();
  const client = useQueryClient();
  const statuses = useQueries({ queries: ids.map((id) => statusQuery(api, client, id, POLL_MS)) });
  const specs = useQueries({ queries: ids.map((id) => specQuery(api, id)) });
  const rows = useQueries({
    queries: ids.map((id, i) => ({
      ...rowsQuery(api, client, id, statuses[i]?.data),
      refetchInterval: statuses[i]?.data?.phase === 'finished' ? (false as const) : POLL_MS,
    })),
  });
  const names = ids.map((_, i) => statuses[i]?.data?.name);
  const jobs = ids.flatMap((id, i): ComparedJob[] => {
    const [status, spec] = [statuses[i]?.data, specs[i]?.data?.spec];
    if (!status || !spec) return [];
    const isUnique = names.filter((name) => name === status.name).length === 1;
    return [
      {
        name: isUnique ? status.name : `${status.name} …${id.slice(-4)}`,
        status,
        spec,
        rows: rows[i]?.data?.rows ?? [],
      },
    ];
  });
  return { jobs, unknown: ids.filter((_, i) => statuses[i]?.isError) };
}

interface AddJobProps {
  readonly known: readonly string[];
  /** Whether it is what the page waits for. It then gets the focus. */
  readonly isFocused: boolean;
  readonly onAdd: (id: string) => void;
}

function AddJob({ known, isFocused, onAdd }: AddJobProps): React.JSX.Element {
  const api = useApi();
  const { data } = useQuery({
    queryKey: [...keys.jobs, 'offered'],
    queryFn: async ({ signal }) => (await api.listJobsPage({}, { limit: OFFERED }, signal)).items,
  });
  const field = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (isFocused) field.current!.focus({ preventScroll: true });
  }, [isFocused]);
  const offered = (data ?? []).filter(({ id }) => !known.includes(id));
  return (
    <NativeSelect
      ref={field}
      aria-label="Add a job"
      value=""
      onChange={({ currentTarget }) => currentTarget.value && onAdd(currentTarget.value)}
      data={[
        { value: '', label: 'Add a job…' },
        ...offered.map(({ id, name, createdAt }) => ({ value: id, label: `${name} (${createdAt.slice(0, 10)})` })),
      ]}
    />
  );
}

function GainTable({
  jobs,
  onRemove,
}: {
  readonly jobs: readonly ComparedJob[];
  readonly onRemove: (id: string) => void;
}): React.JSX.Element {
  return (
    <Wide label="Gains">
      <table className="compared">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col" className="state">
              State
            </th>
            <th scope="col" className="progress-cell">
              Progress
            </th>
            {['Best', 'Reference', 'Search gain', 'Confirmed gain', '95 % interval'].map((title) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
            <th scope="col">
              <span className="hidden-text">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map(({ name, status }) => (
            <tr key={status.id}>
              <td>
                <Link to={`/jobs/${encodeURIComponent(status.id)}`}>{name}</Link>
              </td>
              <td className="state">
                <StateBadge state={status.state} />
              </td>
              <td className="progress-cell">
                <JobProgress {...status} />
              </td>
              {listGains(status).map(([title, text]) => (
                <td key={title} className="number">
                  {text}
                </td>
              ))}
              <td>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Remove ${name}`}
                  onClick={() => onRemove(status.id)}
                >
                  Remove
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function listGains(status: JobStatus): (readonly [string, string])[] {
  const { best, reference, referenceDivergence, searchGain, confirmedGain, metric } = status;
  const missing = typeof referenceDivergence?.value === 'number' ? 'diverged' : '–';
  const format = createColumnFormat([best?.value ?? null, reference]);
  const interval = confirmedGain?.interval ? formatInterval(confirmedGain.mean, confirmedGain.interval) : null;
  return [
    ['best', best ? `${formatMetricName(metric)} ${format(best.value)}` : '–'],
    ['reference', reference === null ? missing : format(reference)],
    ['gain', searchGain === null ? '–' : formatSigned(searchGain, formatNonzero(searchGain, format))],
    ['confirmed', confirmedGain ? formatSigned(confirmedGain.mean, interval?.mean) : '–'],
    ['interval', interval ? `${interval.low} to ${interval.high}` : '–'],
  ];
}

function DifferenceTable({ jobs }: { readonly jobs: readonly ComparedJob[] }): React.JSX.Element {
  const specs = jobs.map(({ spec }) => spec);
  const differences = useMemo(() => listDifferences(specs), [JSON.stringify(specs)]);
  const [hasAll, setAll] = useState(false);
  const shown = hasAll ? differences : differences.slice(0, SETTINGS);
  return (
    <section className="differences">
      <h2>Settings that differ</h2>
      {!differences.length && <p className="soft">The jobs have the same settings.</p>}
      {differences.length > 0 && (
        <Wide label="Settings that differ">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {jobs.map(({ name, status }) => (
                  <th key={status.id} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ path, values }) => (
                <tr key={path}>
                  <th scope="row">{path}</th>
                  {values.map((value, i) => (
                    <td key={jobs[i]!.status.id} className="long">
                      {value}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {shown.length < differences.length && (
        <Button size="compact-sm" mt="xs" variant="default" onClick={() => setAll(true)}>
          Show all {differences.length}
        </Button>
      )}
    </section>
  );
}
