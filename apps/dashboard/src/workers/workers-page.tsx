import type { WorkerResource } from '@gradsmith/contract';
import { useQueries } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../app/context.ts';
import { specQuery } from '../data/use-job.ts';
import { useWorkers } from '../data/use-workers.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Wide } from '../parts/wide.tsx';

const POLL_MS = 2_000;

/** The live workers and their running trials. */
export default function WorkersPage(): React.JSX.Element {
  const { data: workers, isSuccess } = useWorkers(POLL_MS);
  const names = useJobNames(workers ?? []);
  return (
    <>
      <PageTitle title="Workers" />
      {isSuccess && !workers.length && (
        <p className="soft">
          There is no live worker. Start one on any machine that can reach Redis:{' '}
          <code>gradsmith worker --redis redis://…</code>
        </p>
      )}
      <Wide label="Workers">
        <table>
          <thead>
            <tr>
              {['Worker', 'State', 'Slots', 'Running trials', 'Backend'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {workers?.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} names={names} />
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function WorkerRow({
  worker: { name, state, slots, trials, runtime },
  names,
}: {
  readonly worker: WorkerResource;
  readonly names: ReadonlyMap<string, string>;
}): React.JSX.Element {
  return (
    <tr>
      <td>{name}</td>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        {trials.length} of {slots} busy
      </td>
      <td>
        {trials.map(({ job, trial }) => (
          <div key={`${job}/${trial}`}>
            <Link to={`/jobs/${encodeURIComponent(job)}`}>{names.get(job) ?? job}</Link>{' '}
            <Link to={`/jobs/${encodeURIComponent(job)}/trials/${encodeURIComponent(trial)}`}>trial {trial}</Link>
          </div>
        ))}
      </td>
      <td className="soft">{runtime}</td>
    </tr>
  );
}

/** Reads the names of the jobs that the workers train, each once. */
function useJobNames(workers: readonly WorkerResource[]): ReadonlyMap<string, string> {
  const api = useApi();
  const ids = [...new Set(workers.flatMap(({ trials }) => trials.map(({ job }) => job)))];
  const specs = useQueries({ queries: ids.map((id) => specQuery(api, id)) });
  return new Map(ids.flatMap((id, i) => (specs[i]?.data ? [[id, specs[i].data.spec.name] as const] : [])));
}
