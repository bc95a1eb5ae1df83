import { createFigure, type FigureData, type FigureKind, type FigureView, themes } from '@gradsmith/charts';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useId, useMemo, useState } from 'react';

/** Width of a figure whose place has none yet, px. */
const WIDTH = 720;

type Render = typeof import('@gradsmith/charts/render');

interface FigureProps<Kind extends FigureKind> {
  readonly title: string;
  readonly kind: Kind;
  readonly data: FigureData[Kind];
}

/** A figure of the charts package under its heading. It is drawn again only if its data have changed. */
export function Figure<Kind extends FigureKind>({ title, kind, data }: FigureProps<Kind>): React.JSX.Element {
  const { ref, width } = useElementSize();
  const id = useId();
  const scheme = useComputedColorScheme();
  const render = useRender();
  const size = Math.floor(width) || WIDTH;
  const view = useMemo((): FigureView => ({ width: size, theme: themes[scheme] }), [size, scheme]);
  const figure = useMemo(() => createFigure(kind, data, view), [kind, data, view]);
  const svg = useMemo(
    () => render?.renderSvg(figure, { width: view.width, id }) ?? '',
    [render, figure, view.width, id],
  );
  return (
    <section className="figure">
      <h2>{title}</h2>
      {/* The charts package escapes all its input. */}
      <figure ref={ref} dangerouslySetInnerHTML={{ __html: svg }} />
      {figure.notes.length > 0 && <p className="soft">{figure.notes.join(' ')}</p>}
    </section>
  );
}

/** Loads the code that renders figures with the first of them; null until it is there. */
function useRender(): Render | null {
  const [render, setRender] = useState<Render | null>(null);
  useEffect(() => {
    let isOpen = true;
    void import('@gradsmith/charts/render').then((loaded) => isOpen && setRender(loaded));
    return () => {
      isOpen = false;
    };
  }, []);
  return render;
}
