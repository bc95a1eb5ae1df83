import type { WorkerResource } from '@gradsmith/contract';
import { findJudged, findSlow, formatRatio, SLOW, type JobPace } from './compare-paces.ts';
import { countWorkers } from './count-workers.ts';
import { JobLink } from './job-link.tsx';

interface PaceVerdictProps {
  readonly workers: readonly WorkerResource[];
  readonly paces: ReadonlyMap<string, readonly JobPace[]>;
  readonly names: ReadonlyMap<string, string>;
}

/** Says which workers are slow, in which job and next to whom. Says nothing of a single worker. */
export function PaceVerdict({ workers, paces, names }: PaceVerdictProps): React.JSX.Element | null {
  if (countWorkers(workers) < 2) return null;
  if (![...paces.values()].some((ofWorker) => findJudged(ofWorker)))
    return (
      <p className="soft">No worker can be called slow or fast: no two have trained enough of the same job recently.</p>
    );
  const slow = workers.flatMap(({ id, name }) => {
    const pace = findSlow(paces.get(id) ?? []);
    return pace ? [{ id, name, pace }] : [];
  });
  if (!slow.length)
    return (
      <p>
        No worker is slow: in the job that it trains now, or trained last, none takes more than {SLOW} times the median
        of the others.
      </p>
    );
  return (
    <ul className="verdict">
      {slow.map(({ id, name, pace: { job, unit, ratio, against } }) => (
        <li key={id}>
          <b>{name} is slow</b>: a {unit} of <JobLink job={job} names={names} /> takes {formatRatio(ratio)} times{' '}
          {against}.
        </li>
      ))}
    </ul>
  );
}
