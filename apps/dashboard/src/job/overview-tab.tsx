import { computeVerdict, type ReportData } from '@gradsmith/charts';
import type { JobResource, JobStatus } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { JobFigures } from '../figures/job-figures.tsx';
import { createColumnFormat, formatInterval, formatMetricName, formatSigned } from '../parts/format.ts';
import { Notes } from './notes.tsx';
import { RunningTrials } from './running-trials.tsx';

interface OverviewTabProps {
  readonly status: JobStatus;
  readonly spec: JobSpec;
  readonly notes: JobResource['notes'];
  readonly data: ReportData | null;
}

/** What the job has found so far, and what runs now. */
export function OverviewTab({ status, spec, notes, data }: OverviewTabProps): React.JSX.Element {
  return (
    <>
      {data && <VerdictText data={data} />}
      <Cards status={status} />
      {notes && <Notes text={notes} />}
      <RunningTrials status={status} spec={spec} />
      {data && <JobFigures data={data} most="first" />}
    </>
  );
}

/** The result in one sentence, and notes. Nothing before the first trial has settled: it would change with each. */
function VerdictText({ data }: { readonly data: ReportData }): React.JSX.Element | null {
  const verdict = useMemo(() => computeVerdict(data), [data]);
  const isSettled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
  if (!isSettled && data.state !== 'failed') return null;
  const isRunning = isActive(data.state as JobStatus['state']);
  const limits = verdict.shape ? data.baselineLimits : [];
  return (
    <>
      <p className={`verdict ${verdict.outcome}`}>
        {isRunning ? 'So far: ' : ''}
        {verdict.sentence}
      </p>
      {verdict.shape && <p className={`verdict ${verdict.shape.outcome}`}>{verdict.shape.sentence}</p>}
      {verdict.notes.length + limits.length > 0 && (
        <ul className="notes">
          {[...verdict.notes, ...limits].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface Card {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  readonly to?: string;
}

/** The numbers, with search gain and confirmed gain apart. */
function Cards({ status }: { readonly status: JobStatus }): React.JSX.Element {
  return (
    <dl className="cards">
      {listCards(status).map(({ name, value, detail, to }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd className="detail">{to ? <Link to={to}>{detail}</Link> : detail}</dd>
        </div>
      ))}
    </dl>
  );
}

function listCards({ id, best, reference, searchGain, confirmedGain, metric }: JobStatus): Card[] {
  const format = createColumnFormat([best?.value ?? null, reference]);
  const name = `Best ${formatMetricName(metric)}`;
  const trials = `/jobs/${encodeURIComponent(id)}/trials`;
  const cards: Card[] = [
    best
      ? { name, value: format(best.value), detail: describeBest(best), to: `${trials}/${best.trial}` }
      : { name, value: '–', detail: 'no complete trial' },
  ];
  if (reference === null && searchGain === null && !confirmedGain) return cards;
  const gain = searchGain === null ? '–' : formatSigned(searchGain, format(searchGain));
  const referenceCard = {
    name: 'Reference',
    value: reference === null ? '–' : format(reference),
    detail: 'same seeds',
  };
  cards.push(
    reference === null ? referenceCard : { ...referenceCard, to: `${trials}/reference` },
    { name: 'Search gain', value: gain, detail: 'best of many: optimistic' },
    createConfirmedCard(confirmedGain),
  );
  return cards;
}

function describeBest({ trial, atBound }: NonNullable<JobStatus['best']>): string {
  const parameters = atBound.map(({ parameter }) => parameter).join(', ');
  return `trial ${trial}${parameters ? `; at a bound: ${parameters}` : ''}`;
}

function createConfirmedCard(gain: JobStatus['confirmedGain']): Card {
  const name = 'Confirmed gain';
  if (!gain) return { name, value: '–', detail: 'not confirmed' };
  if (!gain.interval) return { name, value: formatSigned(gain.mean), detail: 'too few pairs for an interval' };
  const { mean, low, high } = formatInterval(gain.mean, gain.interval);
  return { name, value: formatSigned(gain.mean, mean), detail: `95 %: ${low} to ${high}` };
}
