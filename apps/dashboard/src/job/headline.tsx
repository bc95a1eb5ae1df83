import type { JobStatus } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { formatAge, formatDuration, formatNumber, formatPlural, formatTimeLeft } from '../parts/format.ts';
import { JobProgress } from '../parts/job-progress.tsx';
import { LabelTags } from '../parts/label-tags.tsx';
import { useNow } from '../parts/use-now.ts';

/** Where the job stands: its progress, its pace, and what went wrong. */
export function Headline({ status, spec }: { readonly status: JobStatus; readonly spec: JobSpec }): React.JSX.Element {
  const now = useNow(true);
  const failure = describeFailure(status, now);
  return (
    <div className="headline">
      <JobProgress {...status} />
      <p className="soft pace">{describePace(status, spec, now).join(' · ')}</p>
      {Object.keys(status.labels).length > 0 && (
        <p className="labels">
          <LabelTags labels={status.labels} />
        </p>
      )}
      {failure && <p className="message">{failure}</p>}
    </div>
  );
}

/** The last error of an attempt is of use only while the job can still fail. */
function describeFailure({ state, reason, lastError }: JobStatus, now: number): string | null {
  if (reason) return reason;
  if (!lastError || !isActive(state)) return null;
  return `last error, trial ${lastError.trial}, ${formatAge(lastError.at, now)}: ${lastError.reason}`;
}

function describePace(status: JobStatus, spec: JobSpec, now: number): string[] {
  const { state, phase, trialsPerMinute, estimatedEnd, workers, startedAt, finishedAt, createdAt } = status;
  const isExternal = spec.objective.kind === 'external';
  const parts: string[] = [state === 'running' ? phase : state];
  if (phase === 'confirming') parts.push(describeConfirmations(status, spec));
  if (status.stopped) parts.push(`search stopped: ${status.stopped.reason}`);
  if (trialsPerMinute !== null && phase !== 'finished')
    parts.push(`${formatNumber(Number(trialsPerMinute.toPrecision(2)))} trials per minute`);
  if (estimatedEnd !== null) parts.push(`about ${formatTimeLeft(Date.parse(estimatedEnd) - now)} left`);
  if (state === 'running') parts.push(isExternal ? 'measured by external programs' : describeWorkers(workers));
  if (startedAt && finishedAt) parts.push(`took ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`);
  parts.push(`created ${formatAge(createdAt, now)}`);
  return parts;
}

function describeConfirmations({ confirmed }: JobStatus, { confirm }: JobSpec): string {
  const done = confirmed.reduce((sum, { gains }) => sum + gains.length, 0);
  return `${done} of ${confirm.top * confirm.seeds} pairs on fresh seeds`;
}

function describeWorkers(workers: number): string {
  return workers ? formatPlural(workers, 'worker') : 'no live worker can run its trials';
}
