import { Link } from 'react-router';
import { useWorkers } from '../data/use-workers.ts';
import { formatPlural } from '../parts/format.ts';
import { comparePaces, findSlow } from '../workers/compare-paces.ts';

const POLL_MS = 5_000;

/** How many workers are live, busy and slow. */
export function WorkerCount(): React.JSX.Element | null {
  const { data: workers } = useWorkers(POLL_MS);
  if (!workers) return null;
  const slots = workers.reduce((sum, { slots }) => sum + slots, 0);
  const busy = workers.reduce((sum, { trials }) => sum + trials.length, 0);
  const slow = [...comparePaces(workers).values()].filter((paces) => findSlow(paces)).length;
  const text = workers.length
    ? `${formatPlural(workers.length, 'worker')}, ${busy} of ${formatPlural(slots, 'slot')} busy`
    : 'no live worker';
  return (
    <Link to="/workers" className="soft">
      {text}
      {slow > 0 && <span className="late">, {slow} slow</span>}
    </Link>
  );
}
