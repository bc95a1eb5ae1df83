import type { FigureOptions } from '@gradsmith/charts';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useId, useMemo } from 'react';

/** In places narrower than this, px, figures have the width of the place, so that their text stays readable. */
const NARROW = 600;
const DARK = 'screen and (prefers-color-scheme:dark)';

interface FigureProps<T> {
  readonly title: string;
  readonly data: T;
  /** Draws the data as SVG. It must be the same function each time, or the figure is drawn again. */
  readonly draw: (data: T, options: FigureOptions) => string;
}

/** A figure of the charts package under its heading. It is drawn again only if its data have changed. */
export function Figure<T>({ title, data, draw }: FigureProps<T>): React.JSX.Element {
  const { ref, width } = useElementSize();
  const id = useId();
  const scheme = useComputedColorScheme();
  const narrow = width > 0 && width < NARROW ? Math.floor(width) : null;
  const svg = useMemo(() => {
    const drawn = draw(data, narrow === null ? { id } : { id, width: narrow });
    // Figures follow the system, and the page may have another theme.
    return drawn.replace(DARK, scheme === 'dark' ? 'screen' : 'not all');
  }, [data, draw, id, narrow, scheme]);
  return (
    <section className="figure">
      <h2>{title}</h2>
      {/* The charts package escapes all its input. */}
      <figure ref={ref} dangerouslySetInnerHTML={{ __html: svg }} />
    </section>
  );
}
