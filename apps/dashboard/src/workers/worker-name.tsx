import { Link } from 'react-router';
import { useWorkers } from '../data/use-workers.ts';

/**
 * The name of a worker, with a link to the page of the workers if it is one of those that were live when they were last
 * read.
 */
export function WorkerName({ name }: { readonly name: string }): React.JSX.Element {
  const { data = [] } = useWorkers(false);
  return data.some((worker) => worker.name === name) ? <Link to="/workers">{name}</Link> : <>{name}</>;
}
