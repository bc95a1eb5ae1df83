import { useEffect, useRef, useState, type ReactNode } from 'react';

interface WideProps {
  /** Name of the table. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A place for a table that may be wider than the page. It is then scrolled, also by keyboard. */
export function Wide({ label, children }: WideProps): React.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    const element = place.current!;
    const observer = new ResizeObserver(() => setCut(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const region = isCut ? { tabIndex: 0, role: 'region', 'aria-label': label } : {};
  return (
    <div ref={place} className="wide" {...region}>
      {children}
    </div>
  );
}
