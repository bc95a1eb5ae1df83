import { Link } from 'react-router';
import { useWorkers } from '../data/use-workers.ts';
import { comparePaces, findSlow } from '../workers/compare-paces.ts';
import { countWorkers, describeSlots } from '../workers/count-workers.ts';

const POLL_MS = 5_000;

/** How many workers are live, busy and slow. */
export function WorkerCount(): React.JSX.Element | null {
  const { data: workers } = useWorkers(POLL_MS);
  if (!workers) return null;
  const paces = comparePaces(workers);
  const slow = countWorkers(workers.filter(({ id }) => findSlow(paces.get(id) ?? [])));
  return (
    <Link to="/workers" className="soft">
      {describeSlots(workers)}
      {slow > 0 && <span className="late">, {slow} slow</span>}
    </Link>
  );
}
