import {
  drawBFunctions,
  drawConfirmations,
  drawCurves,
  drawImportance,
  drawSearch,
  drawSlices,
  type FigureOptions,
} from '@gradsmith/charts';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useId, useMemo } from 'react';

/** In places narrower than this, px, figures have the width of the place, so that their text stays readable. */
const NARROW = 600;
const DARK = 'screen and (prefers-color-scheme:dark)';

const kinds = {
  search: drawSearch,
  'b-functions': drawBFunctions,
  curves: drawCurves,
  confirmations: drawConfirmations,
  importance: drawImportance,
  slices: drawSlices,
};

type FigureKind = keyof typeof kinds;
type FigureData<Kind extends FigureKind> = Parameters<(typeof kinds)[Kind]>[0];

interface FigureProps<Kind extends FigureKind> {
  readonly title: string;
  readonly kind: Kind;
  readonly data: FigureData<Kind>;
}

/** A figure of the charts package under its heading. It is drawn again only if its data have changed. */
export function Figure<Kind extends FigureKind>({ title, kind, data }: FigureProps<Kind>): React.JSX.Element {
  const { ref, width } = useElementSize();
  const id = useId();
  const scheme = useComputedColorScheme();
  const narrow = width > 0 && width < NARROW ? Math.floor(width) : null;
  const svg = useMemo(() => {
    const draw = kinds[kind] as (data: FigureData<Kind>, options: FigureOptions) => string;
    const drawn = draw(data, narrow === null ? { id } : { id, width: narrow });
    // Figures follow the system, and the page may have another theme.
    return drawn.replace(DARK, scheme === 'dark' ? 'screen' : 'not all');
  }, [data, kind, id, narrow, scheme]);
  return (
    <section className="figure">
      <h2>{title}</h2>
      {/* The charts package escapes all its input. */}
      <figure ref={ref} dangerouslySetInnerHTML={{ __html: svg }} />
    </section>
  );
}
