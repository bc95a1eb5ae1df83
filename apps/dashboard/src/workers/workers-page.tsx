import type { WorkerResource } from '@gradsmith/contract';
import { useQueries } from '@tanstack/react-query';
import { useApi } from '../app/context.ts';
import { specQuery } from '../data/use-job.ts';
import { useWorkers } from '../data/use-workers.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { useNow } from '../parts/use-now.ts';
import { Wide } from '../parts/wide.tsx';
import { comparePaces } from './compare-paces.ts';
import { describeSlots, isModule } from './count-workers.ts';
import { PaceVerdict } from './pace-verdict.tsx';
import { workerColumns, WorkerRow } from './worker-row.tsx';

const POLL_MS = 2_000;

/** The live workers: what they train, and how fast each is next to the others. */
export default function WorkersPage(): React.JSX.Element {
  const { data = [], isSuccess } = useWorkers(POLL_MS);
  const workers = data.toSorted(
    (a, b) => a.name.localeCompare(b.name) || Number(isModule(a)) - Number(isModule(b)) || a.id.localeCompare(b.id),
  );
  const names = useJobNames(workers);
  const now = useNow(true);
  const paces = comparePaces(workers);
  return (
    <>
      <PageTitle title="Workers" />
      {isSuccess && !workers.length && (
        <p className="soft">
          There is no live worker. Start one on any machine that can reach Redis:{' '}
          <code>gradsmith worker --redis redis://…</code>
        </p>
      )}
      {workers.length > 0 && (
        <p>
          {describeSlots(workers)}
          {workers.some(isModule) && (
            <span className="soft">. Each module of a worker has its own row and its own slots.</span>
          )}
        </p>
      )}
      <PaceVerdict workers={workers} paces={paces} names={names} />
      {workers.length > 0 && (
        <Wide label="Workers">
          <table className="workers">
            <thead>
              <tr>
                {workerColumns.map(({ title, isNumber }) => (
                  <th key={title} scope="col" className={isNumber ? 'number' : undefined}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <WorkerRow key={worker.id} worker={worker} paces={paces.get(worker.id) ?? []} names={names} now={now} />
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {workers.length > 0 && (
        <p className="soft">Rates and times are those of the last ten minutes. Memory is that of the trainers.</p>
      )}
    </>
  );
}

/** Reads the names of the jobs that the workers train or have trained, each once. */
function useJobNames(workers: readonly WorkerResource[]): ReadonlyMap<string, string> {
  const api = useApi();
  const ids = [
    ...new Set(
      workers
        .flatMap(({ trials, lacks, recent }) => [...trials, ...lacks, ...(recent?.jobs ?? [])])
        .map(({ job }) => job),
    ),
  ];
  const specs = useQueries({ queries: ids.map((id) => specQuery(api, id)) });
  return new Map(ids.flatMap((id, i) => (specs[i]?.data ? [[id, specs[i].data.spec.name] as const] : [])));
}
