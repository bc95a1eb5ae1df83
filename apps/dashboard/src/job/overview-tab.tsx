import { computeVerdict, describeDivergedRuns, hasDivergedSeeds, type ReportData } from '@gradsmith/charts';
import type { JobResource, JobStatus } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { FilePrefix } from '../figures/file-prefix.ts';
import { JobFigures } from '../figures/job-figures.tsx';
import {
  createColumnFormat,
  formatCount,
  formatInterval,
  formatMetricName,
  formatNonzero,
  formatNumber,
  formatSigned,
  formatValue,
} from '../parts/format.ts';
import { explainResult } from './explain-result.ts';
import { Notes } from './notes.tsx';
import { RunningTrials } from './running-trials.tsx';

interface OverviewTabProps {
  readonly status: JobStatus;
  readonly spec: JobSpec;
  readonly notes: JobResource['notes'];
  readonly data: ReportData | null;
  /** What is shown until there are data. */
  readonly progress: string;
}

/** What the job has found so far, and what runs now. */
export function OverviewTab({ status, spec, notes, data, progress }: OverviewTabProps): React.JSX.Element {
  return (
    <>
      {data && <VerdictText data={data} />}
      <Cards status={status} spec={spec} />
      <BestPoint best={status.best} />
      <Explanation spec={spec} />
      {notes && <Notes text={notes} />}
      <RunningTrials status={status} spec={spec} />
      <FilePrefix value={status.name}>
        {data ? <JobFigures data={data} most="first" /> : <p className="soft">{progress}</p>}
      </FilePrefix>
    </>
  );
}

/**
 * The result in one sentence, and notes; where the job has null hypotheses, what they leave of it comes first. Nothing
 * before the first trial has settled: it would change with each.
 */
function VerdictText({ data }: { readonly data: ReportData }): React.JSX.Element | null {
  const verdict = useMemo(() => computeVerdict(data), [data]);
  const isSettled = data.trials.some(({ state }) => state !== 'pending' && state !== 'running');
  if (!isSettled && data.state !== 'failed') return null;
  const isRunning = isActive(data.state as JobStatus['state']);
  const limits = verdict.shape ? data.baselineLimits : [];
  return (
    <>
      {verdict.shape && <p className={`verdict ${verdict.shape.outcome}`}>{verdict.shape.sentence}</p>}
      <p className={`verdict ${verdict.outcome}`}>
        {isRunning ? `So far: ${verdict.sentence[0]!.toLowerCase()}${verdict.sentence.slice(1)}` : verdict.sentence}
      </p>
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
function Cards({ status, spec }: Pick<OverviewTabProps, 'spec' | 'status'>): React.JSX.Element {
  return (
    <dl className="cards">
      {listCards(status, spec).map(({ name, value, detail, to }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd className="detail">{to ? <Link to={to}>{detail}</Link> : detail}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Parameters of the best point that are written out; its trial has all. */
const MOST_PARAMETERS = 8;

/** What the search has found: the settings of the best trial. */
function BestPoint({ best }: Pick<JobStatus, 'best'>): React.JSX.Element | null {
  if (!best) return null;
  const parameters = Object.entries(best.point).map(([name, value]) => `${name} = ${formatValue(value, formatNumber)}`);
  const more = parameters.length - MOST_PARAMETERS;
  return (
    <p className="best-point">
      Best point: {parameters.slice(0, MOST_PARAMETERS).join(', ')}
      {more > 0 && ` and ${formatCount(more)} more`}
    </p>
  );
}

/** What the numbers above are. */
function Explanation({ spec }: Pick<OverviewTabProps, 'spec'>): React.JSX.Element | null {
  const text = useMemo(() => explainResult(spec).join(' '), [spec]);
  return text ? <p className="soft">{text}</p> : null;
}

function listCards(
  { id, best, pareto, reference, referenceDivergence, searchGain, confirmedGain, metric }: JobStatus,
  { objective }: JobSpec,
): Card[] {
  if (pareto) return listParetoCards(pareto);
  const diverged = referenceDivergence?.value ?? null;
  const compared = reference ?? diverged;
  const format = createColumnFormat([best?.value ?? null, compared]);
  const name = `Best ${formatMetricName(metric)}`;
  const trials = `/jobs/${encodeURIComponent(id)}/trials`;
  const cards: Card[] = [
    best
      ? { name, value: format(best.value), detail: describeBest(best), to: `${trials}/${best.trial}` }
      : { name, value: '–', detail: 'no complete trial' },
  ];
  if (compared === null && searchGain === null && !confirmedGain) return cards;
  const gain = searchGain === null ? '–' : formatSigned(searchGain, formatNonzero(searchGain, format));
  const referenceCard = {
    name: 'Reference',
    value: compared === null ? '–' : format(compared),
    detail:
      `${replacesDerivatives(objective) ? 'plain backpropagation' : 'the settings of the job file'}, ` +
      (diverged === null ? 'same seeds' : 'diverged'),
  };
  cards.push(
    compared === null ? referenceCard : { ...referenceCard, to: `${trials}/reference` },
    {
      name: 'Search gain',
      value: gain,
      detail: diverged === null ? describeSearchGain(searchGain, reference, confirmedGain) : 'the reference diverged',
    },
    createConfirmedCard(confirmedGain, referenceDivergence),
  );
  return cards;
}

/** A job with several objectives has no best trial. */
function listParetoCards({ front, hypervolume, reference }: NonNullable<JobStatus['pareto']>): Card[] {
  return [
    { name: 'On the Pareto front', value: formatCount(front.length), detail: 'none is better in every objective' },
    reference
      ? {
          name: 'Hypervolume',
          value: formatNumber(hypervolume),
          detail: `from ${reference.map(formatNumber).join(', ')}`,
        }
      : { name: 'Hypervolume', value: '–', detail: 'no complete trial' },
  ];
}

/** Without replacements, the reference has other settings than the trials, but the same backward pass. */
function replacesDerivatives(objective: JobSpec['objective']): boolean {
  return objective.kind === 'training' && objective.backward.length > 0;
}

function describeSearchGain(
  gain: number | null,
  reference: number | null,
  confirmed: JobStatus['confirmedGain'],
): string {
  // The seed of the search can favor the reference by more than the selection favors the best of many.
  const isExceeded = gain !== null && confirmed !== null && confirmed.mean > gain;
  const caution = isExceeded ? 'under the seed of the search alone' : 'optimistic, as the best of many';
  if (gain === null || !reference) return caution;
  const share = Math.abs(gain / reference);
  return `${formatNumber(Number((100 * share).toPrecision(2)))} % of the reference; ${caution}`;
}

function describeBest({ trial, atBound }: NonNullable<JobStatus['best']>): string {
  const parameters = atBound.map(({ parameter }) => parameter).join(', ');
  return `trial ${trial}${parameters ? `; at a bound: ${parameters}` : ''}`;
}

function createConfirmedCard(gain: JobStatus['confirmedGain'], divergence: JobStatus['referenceDivergence']): Card {
  const name = 'Confirmed gain';
  if (!gain) return { name, value: '–', detail: 'not confirmed' };
  const diverged = hasDivergedSeeds(divergence)
    ? `; the reference ${describeDivergedRuns({ ...divergence, value: null })}`
    : '';
  if (!gain.interval)
    return { name, value: formatSigned(gain.mean), detail: `too few pairs for an interval${diverged}` };
  const { mean, low, high } = formatInterval(gain.mean, gain.interval);
  return { name, value: formatSigned(gain.mean, mean), detail: `95 %: ${low} to ${high}${diverged}` };
}
