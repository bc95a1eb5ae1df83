import type { TrialResource } from '@gradsmith/contract';
import { formatDuration, formatTime } from '../parts/format.ts';
import { useNow } from '../parts/use-now.ts';
import { Wide } from '../parts/wide.tsx';
import { WorkerName } from '../workers/worker-name.tsx';

/** Every try at a trial, in order. */
export function AttemptTable({ attempts }: Pick<TrialResource, 'attempts'>): React.JSX.Element | null {
  const now = useNow(attempts.some(({ finishedAt }) => finishedAt === null));
  if (!attempts.length) return null;
  return (
    <section className="attempts">
      <h2>Attempts</h2>
      <Wide label="Attempts">
        <table>
          <thead>
            <tr>
              {['Worker', 'Started', 'Took', 'Outcome', 'Reason'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {attempts.map(({ id, worker, startedAt, finishedAt, outcome, reason }) => (
              <tr key={id}>
                <td>
                  <WorkerName name={worker} />
                </td>
                <td>{formatTime(startedAt)}</td>
                <td>{formatDuration((finishedAt ? Date.parse(finishedAt) : now) - Date.parse(startedAt))}</td>
                <td>{outcome}</td>
                <td className="long">{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}
