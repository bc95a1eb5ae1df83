import { Link } from 'react-router';
import { useWorkers } from '../data/use-workers.ts';

/** The name of a worker, which leads to the page of the workers as long as this one is live. */
export function WorkerName({ name }: { readonly name: string }): React.JSX.Element {
  const { data = [] } = useWorkers(false);
  return data.some((worker) => worker.name === name) ? <Link to="/workers">{name}</Link> : <>{name}</>;
}
