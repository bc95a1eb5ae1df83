import type { JobStatus, TrialDetail } from '@gradsmith/contract';
import { computeGain } from '@gradsmith/core/domain';
import { getPrunedValue, type JobSpec } from '@gradsmith/core/spec';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { useSpec, useStatus } from '../data/use-job.ts';
import { FilePrefix } from '../figures/file-prefix.ts';
import { TrialFigures } from '../figures/trial-figures.tsx';
import { RunningTrials } from '../job/running-trials.tsx';
import { describeError, isUnknown } from '../parts/describe-error.ts';
import { Facts } from '../parts/facts.tsx';
import {
  createColumnFormat,
  formatAge,
  formatDuration,
  formatMetricName,
  formatNonzero,
  formatNumber,
  formatSigned,
  formatTime,
  formatTrialValue,
  formatValue,
} from '../parts/format.ts';
import { NotFound } from '../parts/not-found.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useNow } from '../parts/use-now.ts';
import { WorkerName } from '../workers/worker-name.tsx';
import { AttemptTable } from './attempt-table.tsx';
import { TrialActions } from './trial-actions.tsx';

const POLL_MS = 2_000;

/** One trial of a job: its point, result, figures and attempts. */
export default function TrialPage(): React.JSX.Element {
  const { id, trial: trialId } = useParams();
  const spec = useSpec(id!).data?.spec;
  const status = useStatus(id!);
  const trial = useTrial(id!, trialId!);
  const failure = [trial.error, status.error].find(isUnknown);
  if (failure) return <NotFound what="trial" detail={describeError(failure)} job={status.data} />;
  if (!spec || !status.data || !trial.data) return <PageTitle title={`Trial ${trialId}`} />;
  return <OpenTrial spec={spec} status={status.data} trial={trial.data} />;
}

function useTrial(id: string, trial: string): UseQueryResult<TrialDetail> {
  const api = useApi();
  return useQuery({
    queryKey: keys.trial(id, trial),
    queryFn: ({ signal }) => api.trial(id, trial, signal),
    refetchInterval: ({ state: { data } }) => (data && data.settledAt === null ? POLL_MS : false),
  });
}

interface OpenTrialProps {
  readonly spec: JobSpec;
  readonly status: JobStatus;
  readonly trial: TrialDetail;
}

function OpenTrial({ spec, status, trial }: OpenTrialProps): React.JSX.Element {
  const { id, name } = status;
  const now = useNow(trial.settledAt === null);
  const format = (value: string | number | boolean): string => formatValue(value, formatNumber);
  const point = Object.entries(trial.point).map(([parameter, value]) => [parameter, format(value)] as const);
  const metrics = Object.entries(trial.metrics).map(([metric, value]) => [metric, format(value)] as const);
  const provenance = Object.entries(trial.provenance).map(([part, value]) => [part, String(value)] as const);
  return (
    <>
      <p className="crumbs">
        <Link to={`/jobs/${encodeURIComponent(id)}`}>{name}</Link> ›{' '}
        <Link to={`/jobs/${encodeURIComponent(id)}/trials`}>Trials</Link>
      </p>
      <PageTitle title={describeTrial(trial)} place={trial.id}>
        <StateBadge state={trial.state} />
        <Neighbours status={status} trial={trial} />
        <TrialActions status={status} trial={trial} />
      </PageTitle>
      {trial.reason && <p className="message">{trial.reason}</p>}
      <div className="columns">
        <section>
          <h2>Result</h2>
          <Facts facts={listResult({ spec, status, trial }, now)} />
        </section>
        <section>
          <h2>Point</h2>
          <Facts facts={point} />
        </section>
        {metrics.length > 0 && (
          <section>
            <h2>Measured</h2>
            <Facts facts={metrics} />
          </section>
        )}
        {provenance.length > 0 && (
          <section>
            <h2>Computed with</h2>
            <Facts facts={provenance} />
          </section>
        )}
      </div>
      {trial.state === 'running' && <RunningTrials status={status} spec={spec} only={trial.id} />}
      <FilePrefix value={`${name}-trial-${trial.id}`}>
        <TrialFigures spec={spec} trial={trial} />
      </FilePrefix>
      <AttemptTable attempts={trial.attempts} />
    </>
  );
}

/** Links to the search trials before and after this one. */
function Neighbours({ status, trial: { role, number } }: Omit<OpenTrialProps, 'spec'>): React.JSX.Element | null {
  if (role !== 'search' || number === null) return null;
  const last = Object.values(status.counts).reduce((sum, count) => sum + count, 0) - 1;
  const trials = `/jobs/${encodeURIComponent(status.id)}/trials`;
  return (
    <nav className="neighbours" aria-label="Other trials">
      {number > 0 && <Link to={`${trials}/${number - 1}`}>← Trial {number - 1}</Link>}
      {number < last && <Link to={`${trials}/${number + 1}`}>Trial {number + 1} →</Link>}
      {status.best && status.best.trial !== String(number) && <Link to={`${trials}/${status.best.trial}`}>Best</Link>}
    </nav>
  );
}

function describeTrial({ role, id, baseline, confirms }: TrialDetail): string {
  if (role === 'reference') return 'Reference trial';
  if (confirms) return `Trial ${confirms.trial} on fresh seed ${confirms.seedIndex + 1}`;
  return baseline ? `Trial ${id} of the baseline ${baseline}` : `Trial ${id}`;
}

const sources: Record<TrialDetail['source'], string> = {
  initial: 'the initial design',
  model: 'the model',
  fallback: 'a random point instead of the model',
  enqueued: 'a client',
  fixed: 'the job',
};

/** With the decimals of the values, as everywhere. */
function describeGain(gain: number, values: readonly number[]): string {
  return `${formatSigned(gain, formatNonzero(gain, createColumnFormat(values)))} over the reference`;
}

function listResult({ spec, status, trial }: OpenTrialProps, now: number): (readonly [string, ReactNode])[] {
  const { metric, direction, reference } = status;
  const { state, value, source, fallback, seed, createdAt, settledAt, pruning, attempts } = trial;
  const shown = formatTrialValue(trial, { direction, prunedValue: getPrunedValue(spec) });
  const facts: (readonly [string, ReactNode])[] = [[formatMetricName(metric), shown]];
  if (state === 'complete' && value !== null && reference !== null && trial.role === 'search')
    facts.push(['Gain', describeGain(computeGain(reference, value, direction), [value, reference])]);
  if (pruning)
    facts.push([
      'Pruned',
      `at step ${pruning.step}: ${formatNumber(pruning.value)}, needed ${formatNumber(pruning.threshold)} or better`,
    ]);
  const worker = attempts.at(-1);
  facts.push(
    ['Point from', fallback ? `${sources[source]}: ${fallback}` : sources[source]],
    ['Seed', String(seed)],
    ['Created', `${formatTime(createdAt)} (${formatAge(createdAt, now)})`],
    ['Settled', settledAt ? formatTime(settledAt) : 'not yet'],
  );
  if (worker?.finishedAt)
    facts.push(['Took', formatDuration(Date.parse(worker.finishedAt) - Date.parse(worker.startedAt))]);
  if (worker) facts.push(['Worker', <WorkerName key="worker" name={worker.worker} />]);
  if (status.runtime && trial.provenance['backend'] === undefined) facts.push(['Runtime', status.runtime]);
  return facts;
}
