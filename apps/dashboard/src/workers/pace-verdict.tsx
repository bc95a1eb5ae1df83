import type { WorkerResource } from '@gradsmith/contract';
import { formatPlural } from '../parts/format.ts';
import { formatRatio, listSlow, SLOW, type JobPace } from './compare-paces.ts';
import { JobLink } from './job-link.tsx';

interface PaceVerdictProps {
  readonly workers: readonly WorkerResource[];
  readonly paces: ReadonlyMap<string, readonly JobPace[]>;
  readonly names: ReadonlyMap<string, string>;
}

/** Says which workers are slow. Says nothing of a single worker. */
export function PaceVerdict({ workers, paces, names }: PaceVerdictProps): React.JSX.Element | null {
  if (workers.length < 2) return null;
  const compared = workers.map(({ id, name }) => ({ id, name, slow: listSlow(paces.get(id) ?? []) }));
  const slow = compared.filter((worker) => worker.slow.length);
  if (![...paces.values()].flat().some(({ ratio }) => ratio !== null))
    return (
      <p className="soft">No worker can be called slow or fast: no two have trained enough of the same job recently.</p>
    );
  if (!slow.length)
    return (
      <p>
        No worker is slow: in the jobs that several have trained recently, each takes at most {SLOW} times the median of
        the others.
      </p>
    );
  return (
    <ul className="verdict">
      {slow.map(({ id, name, slow: [worst, ...others] }) => (
        <li key={id}>
          <b>{name} is slow</b>: a {worst!.unit} of <JobLink job={worst!.job} names={names} /> takes{' '}
          {formatRatio(worst!.ratio)} times the median of the other workers
          {others.length > 0 && `, and it is slow in ${formatPlural(others.length, 'other job')}, too`}.
        </li>
      ))}
    </ul>
  );
}
