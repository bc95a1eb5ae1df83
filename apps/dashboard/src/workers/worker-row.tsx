import type { WorkerResource } from '@gradsmith/contract';
import { Link } from 'react-router';
import { formatAge, formatBytes, formatMeanTime, formatNumber } from '../parts/format.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { findJudged, findSlow, formatRatio, type JobPace } from './compare-paces.ts';
import { isModule } from './count-workers.ts';
import { JobLink } from './job-link.tsx';

/** A worker that has been silent for longer than this has missed two of its heartbeats, ms. */
const LATE_MS = 5_000;
/** Jobs whose pace is shown, at most. */
const MOST_PACES = 3;

export const workerColumns: readonly { readonly title: string; readonly isNumber?: boolean }[] = [
  { title: 'Worker' },
  { title: 'State' },
  { title: 'Trials per minute', isNumber: true },
  { title: 'Mean time, next to the other workers' },
  { title: 'Memory', isNumber: true },
  { title: 'Running trials' },
  { title: 'Device and runtime' },
  { title: 'Last heartbeat' },
];

interface WorkerRowProps {
  readonly worker: WorkerResource;
  readonly paces: readonly JobPace[];
  readonly names: ReadonlyMap<string, string>;
  readonly now: number;
}

/** What is known of one worker. */
export function WorkerRow({ worker, paces, names, now }: WorkerRowProps): React.JSX.Element {
  const { name, state, slots, labels, device, runtime, trials, lacks, memory, recent, seenAt } = worker;
  const slow = findSlow(paces);
  const isLate = seenAt !== null && now - Date.parse(seenAt) > LATE_MS;
  return (
    <tr>
      <td>
        {name}
        {isModule(worker) && <span className="soft"> (module)</span>}
        {labels.map((label) => (
          <span key={label} className="tag">
            {label}
          </span>
        ))}
        {lacks.map(({ job, reason }) => (
          <div key={job} className="soft">
            lacks data of <JobLink job={job} names={names} />: {reason}
          </div>
        ))}
      </td>
      <td>
        <StateBadge state={state} />
        <div className="soft">
          {trials.length} of {slots} busy
        </div>
      </td>
      <td className="number">{formatRate(recent)}</td>
      <td>
        {!paces.length && '–'}
        {choosePaces(paces).map((pace) => (
          <PaceLine key={pace.job} pace={pace} isSlow={pace === slow} names={names} />
        ))}
      </td>
      <td className="number">{memory === null ? '–' : formatBytes(memory)}</td>
      <td>
        {!trials.length && '–'}
        {trials.map(({ job, trial }) => (
          <div key={`${job}/${trial}`}>
            <JobLink job={job} names={names} />{' '}
            <Link to={`/jobs/${encodeURIComponent(job)}/trials/${encodeURIComponent(trial)}`}>trial {trial}</Link>
          </div>
        ))}
      </td>
      <td className="long">
        {device === null ? '–' : devices[device]}
        <div className="soft">{runtime}</div>
      </td>
      <td className={isLate ? 'late' : 'soft'}>{seenAt === null ? '–' : formatAge(seenAt, now)}</td>
    </tr>
  );
}

/** Returns the first paces, and always the one by which the worker is judged. */
function choosePaces(paces: readonly JobPace[]): readonly JobPace[] {
  const judged = findJudged(paces);
  const first = paces.slice(0, MOST_PACES);
  return !judged || first.includes(judged) ? first : [...first.slice(0, -1), judged];
}

interface PaceLineProps {
  readonly pace: JobPace;
  readonly isSlow: boolean;
  readonly names: ReadonlyMap<string, string>;
}

function PaceLine({ pace, isSlow, names }: PaceLineProps): React.JSX.Element {
  const { job, unit, ms, ratio, against, isEnough } = pace;
  return (
    <div>
      {formatMeanTime(ms)} a {unit}{' '}
      <span className="soft">
        of <JobLink job={job} names={names} />
      </span>
      {ratio !== null && isEnough && (
        <>
          : <b className={isSlow ? 'late' : undefined}>{formatRatio(ratio)} ×</b> {against}
        </>
      )}
    </div>
  );
}

/** Returns the trials per minute, or a dash for a worker that has just started. */
function formatRate(recent: WorkerResource['recent']): string {
  if (!recent || recent.windowMs === 0) return '–';
  return formatNumber(Number(((60_000 * recent.trials) / recent.windowMs).toPrecision(2)));
}

const devices: Record<NonNullable<WorkerResource['device']>, string> = {
  cpu: 'CPU',
  gpu: 'GPU',
  software: 'software adapter',
};
