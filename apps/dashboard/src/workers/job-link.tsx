import { Link } from 'react-router';

interface JobLinkProps {
  readonly job: string;
  readonly names: ReadonlyMap<string, string>;
}

/** Links to a job by its name, or by its id as long as the name is not known. */
export function JobLink({ job, names }: JobLinkProps): React.JSX.Element {
  return <Link to={`/jobs/${encodeURIComponent(job)}`}>{names.get(job) ?? job}</Link>;
}
