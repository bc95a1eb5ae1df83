import type { RunData } from '@gradsmith/charts';
import type { JobStatus } from '@gradsmith/contract';
import { planTraining } from '@gradsmith/core/objective';
import { isTrainingJob, type JobSpec } from '@gradsmith/core/spec';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { useRunningTrials, type RunningTrial } from '../data/use-running-trials.ts';
import { useCurves } from '../figures/use-curves.ts';
import { formatCount, formatDuration, formatNumber, formatTimeLeft } from '../parts/format.ts';
import { Sparkline, type SparkPoint } from '../parts/sparkline.tsx';
import { useNow } from '../parts/use-now.ts';
import { Wide } from '../parts/wide.tsx';
import { estimateTimeLeft, useProgress, type Observation } from './use-progress.ts';

interface RunningTrialsProps {
  readonly status: JobStatus;
  readonly spec: JobSpec;
  /** Id of the only trial to show. By default, all are shown. */
  readonly only?: string;
}

/** The running trials of an active job: step, loss or value since the last report, time left and worker. */
export function RunningTrials({ status, spec, only }: RunningTrialsProps): React.JSX.Element | null {
  const running = useRunningTrials(status);
  const trials = useMemo(() => running.filter(({ id }) => !only || id === only), [running, only]);
  const progress = useProgress(trials);
  // The same numbers as in the figures.
  const ids = trials.map(({ id }) => id);
  const curves = useCurves(status.id, ids, true);
  const now = useNow(trials.length > 0);
  const steps = useMemo(() => (isTrainingJob(spec) ? planTraining(spec.objective).steps : null), [spec]);
  if (!trials.length) return null;
  return (
    <section className="running">
      <h2>Running now</h2>
      <Wide label="Running trials">
        <table>
          <thead>
            <tr>
              {['Trial', 'Step', isTrainingJob(spec) ? 'Loss' : 'Value', 'Left', 'Runs for', 'Attempt', 'Worker'].map(
                (title) => (
                  <th key={title} scope="col" className={title === 'Step' || title === 'Attempt' ? 'number' : ''}>
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {trials.map((trial) => (
              <RunningRow
                key={trial.id}
                job={status.id}
                trial={trial}
                seen={progress.get(trial.attempts.at(-1)?.id ?? '') ?? []}
                curve={curves.get(trial.id)}
                steps={steps}
                now={now}
              />
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

interface RunningRowProps {
  readonly job: string;
  readonly trial: RunningTrial;
  readonly seen: readonly Observation[];
  /** The mean loss between two reports of a training, or the values that were reported; absent before the first. */
  readonly curve: RunData | undefined;
  /** Steps of a training; null if the number is not known. */
  readonly steps: number | null;
  readonly now: number;
}

function RunningRow({ job, trial, seen, curve, steps, now }: RunningRowProps): React.JSX.Element {
  const attempt = trial.attempts.at(-1);
  // Without progress, the curve that was read last is of the attempt before.
  const points = listPoints(trial.progress ? curve : undefined);
  const [reached = 0, last] = points.at(-1) ?? [];
  // The curve may have been read later than the trial.
  const step = Math.max(trial.progress?.step ?? 0, Math.floor(reached));
  const left = steps === null ? null : estimateTimeLeft(seen, steps, now);
  return (
    <tr>
      <td>
        <Link to={`/jobs/${encodeURIComponent(job)}/trials/${encodeURIComponent(trial.id)}`}>{trial.id}</Link>
      </td>
      <td className="number">
        {steps === null ? formatCount(step) : `${formatCount(step)} of ${formatCount(steps)}`}
        {steps !== null && <progress aria-label={`Progress of trial ${trial.id}`} max={steps} value={step} />}
      </td>
      <td>
        {last === undefined ? '–' : formatNumber(last)} {points.length > 1 && <Sparkline points={points} />}
      </td>
      <td>{left === null ? '–' : `about ${formatTimeLeft(left)}`}</td>
      <td>{attempt ? formatDuration(now - Date.parse(attempt.startedAt)) : '–'}</td>
      <td className="number">{trial.attempts.length}</td>
      <td className="soft">{attempt?.worker}</td>
    </tr>
  );
}

function listPoints(curve: RunData | undefined): SparkPoint[] {
  return curve ? Array.from(curve.steps, (step, i): SparkPoint => [step, curve.values[i]!]) : [];
}
