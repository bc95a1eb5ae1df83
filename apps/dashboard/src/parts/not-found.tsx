import { Link } from 'react-router';
import { PageTitle } from './page-title.tsx';

interface NotFoundProps {
  readonly what: string;
  readonly detail?: string;
  /** The job that is there, if only its trial is not. */
  readonly job?: { readonly id: string; readonly name: string } | undefined;
}

/** The page for an address of nothing, with the way back. */
export function NotFound({ what, detail, job }: NotFoundProps): React.JSX.Element {
  return (
    <>
      <PageTitle title={`No such ${what}`} />
      {detail && <p className="message">{detail}</p>}
      <p>
        {job ? (
          <Link to={`/jobs/${encodeURIComponent(job.id)}/trials`}>Show the trials of {job.name}</Link>
        ) : (
          <Link to="/">Show all jobs</Link>
        )}
      </p>
    </>
  );
}
