import { Link } from 'react-router';
import { PageTitle } from './page-title.tsx';

/** The page for an address of nothing, with the way back. */
export function NotFound({ what, detail }: { readonly what: string; readonly detail?: string }): React.JSX.Element {
  return (
    <>
      <PageTitle title={`No such ${what}`} />
      {detail && <p className="message">{detail}</p>}
      <p>
        <Link to="/">Show all jobs</Link>
      </p>
    </>
  );
}
