import type { WorkerResource } from '@gradsmith/contract';
import { formatNumber } from '../parts/format.ts';
import { SLOW, type JobPace } from './compare-paces.ts';
import { JobLink } from './job-link.tsx';

interface PaceVerdictProps {
  readonly workers: readonly WorkerResource[];
  readonly paces: ReadonlyMap<string, readonly JobPace[]>;
  readonly names: ReadonlyMap<string, string>;
}

/** Says which workers are slow. Says nothing of a single worker. */
export function PaceVerdict({ workers, paces, names }: PaceVerdictProps): React.JSX.Element | null {
  if (workers.length < 2) return null;
  const compared = workers.flatMap(({ id, name }) =>
    (paces.get(id) ?? []).flatMap(({ ratio, ...pace }) => (ratio === null ? [] : [{ ...pace, id, name, ratio }])),
  );
  const slow = compared.filter(({ ratio }) => ratio > SLOW).sort((a, b) => b.ratio - a.ratio);
  if (!compared.length)
    return <p className="soft">No worker can be called slow or fast: no two have trained the same job recently.</p>;
  if (!slow.length)
    return (
      <p>
        No worker is slow: in the jobs that several have trained recently, each takes at most {SLOW} times the median of
        the others.
      </p>
    );
  return (
    <ul className="verdict">
      {slow.map(({ id, name, job, unit, ratio }) => (
        <li key={`${id}/${job}`}>
          <b>{name} is slow</b>: a {unit} of <JobLink job={job} names={names} /> takes{' '}
          {formatNumber(Number(ratio.toPrecision(2)))} times the median of the other workers.
        </li>
      ))}
    </ul>
  );
}
