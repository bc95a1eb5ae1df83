import type { WorkerResource } from '@gradsmith/contract';
import { useQueries } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../app/context.ts';
import { specQuery } from '../data/use-job.ts';
import { useWorkers } from '../data/use-workers.ts';
import { formatAge } from '../parts/format.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useNow } from '../parts/use-now.ts';
import { Wide } from '../parts/wide.tsx';

const POLL_MS = 2_000;

/** The live workers and their running trials. */
export default function WorkersPage(): React.JSX.Element {
  const { data: workers, isSuccess } = useWorkers(POLL_MS);
  const names = useJobNames(workers ?? []);
  const now = useNow(true);
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
              {['Worker', 'State', 'Slots', 'Device', 'Runtime', 'Running trials', 'Last heartbeat'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {workers?.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} names={names} now={now} />
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

/** A worker that has been silent for longer than this has missed two of its heartbeats, ms. */
const LATE_MS = 5_000;

interface WorkerRowProps {
  readonly worker: WorkerResource;
  readonly names: ReadonlyMap<string, string>;
  readonly now: number;
}

function WorkerRow({ worker, names, now }: WorkerRowProps): React.JSX.Element {
  const { name, state, slots, device, runtime, trials, lacks, seenAt } = worker;
  const isLate = seenAt !== null && now - Date.parse(seenAt) > LATE_MS;
  return (
    <tr>
      <td>
        {name}
        {lacks.map(({ job, reason }) => (
          <div key={job} className="soft">
            lacks data of <JobLink job={job} names={names} />: {reason}
          </div>
        ))}
      </td>
      <td>
        <StateBadge state={state} />
      </td>
      <td>
        {trials.length} of {slots} busy
      </td>
      <td>{device === null ? '–' : devices[device]}</td>
      <td className="soft">{runtime}</td>
      <td>
        {trials.map(({ job, trial }) => (
          <div key={`${job}/${trial}`}>
            <JobLink job={job} names={names} />{' '}
            <Link to={`/jobs/${encodeURIComponent(job)}/trials/${encodeURIComponent(trial)}`}>trial {trial}</Link>
          </div>
        ))}
      </td>
      <td className={isLate ? 'late' : 'soft'}>{seenAt === null ? '–' : formatAge(seenAt, now)}</td>
    </tr>
  );
}

const devices: Record<NonNullable<WorkerResource['device']>, string> = {
  cpu: 'CPU',
  gpu: 'GPU',
  software: 'software adapter',
};

interface JobLinkProps {
  readonly job: string;
  readonly names: ReadonlyMap<string, string>;
}

function JobLink({ job, names }: JobLinkProps): React.JSX.Element {
  return <Link to={`/jobs/${encodeURIComponent(job)}`}>{names.get(job) ?? job}</Link>;
}

/** Reads the names of the jobs that the workers train, each once. */
function useJobNames(workers: readonly WorkerResource[]): ReadonlyMap<string, string> {
  const api = useApi();
  const ids = [...new Set(workers.flatMap(({ trials, lacks }) => [...trials, ...lacks].map(({ job }) => job)))];
  const specs = useQueries({ queries: ids.map((id) => specQuery(api, id)) });
  return new Map(ids.flatMap((id, i) => (specs[i]?.data ? [[id, specs[i].data.spec.name] as const] : [])));
}
