import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { formatPlural } from '../parts/format.ts';

/** What happened to one of the jobs; `failure` is null if the action was done. */
export interface Outcome {
  readonly id: string;
  readonly name: string;
  readonly failure: string | null;
}

export interface BulkReport {
  readonly action: string;
  readonly outcomes: readonly Outcome[];
}

interface BulkOutcomesProps {
  readonly report: BulkReport;
  readonly onClose: () => void;
}

/** Says what happened to each job that an action was for. */
export function BulkOutcomes({ report: { action, outcomes }, onClose }: BulkOutcomesProps): React.JSX.Element {
  const failures = outcomes.filter(({ failure }) => failure !== null);
  const done = formatPlural(outcomes.length - failures.length, 'job');
  return (
    <div className="notice" role="status">
      {action}: done for {done}
      {failures.length > 0 && `, refused for ${formatPlural(failures.length, 'job')}`}{' '}
      <Button size="compact-sm" variant="default" onClick={onClose}>
        Close
      </Button>
      {failures.length > 0 && (
        <ul>
          {failures.map(({ id, name, failure }) => (
            <li key={id}>
              <Link to={`/jobs/${encodeURIComponent(id)}`}>{name}</Link>: {failure}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
