import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';

interface PageTitleProps {
  /** The heading, and the title of the document. */
  readonly title: string;
  /** What is shown; the focus moves to the heading when it changes. By default the title. */
  readonly place?: string;
  readonly children?: ReactNode;
}

/** The heading of a page, with its badge and its buttons. */
export function PageTitle({ title, place = title, children }: PageTitleProps): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  // The first location of a visit: the browser has put the focus where it belongs.
  const isFirst = useLocation().key === 'default';
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
  }, [isFirst, place]);
  useEffect(() => {
    document.title = `${title}: Gradsmith`;
  }, [title]);
  return (
    <div className="bar">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
