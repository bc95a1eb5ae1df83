import { createFigure, themes, type FigureData, type FigureKind, type FigureView } from '@gradsmith/charts';
import { Button, Group } from '@mantine/core';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useDeferredValue, useMemo, useState } from 'react';
import { SaveMenu } from './save-menu.tsx';
import { useChart } from './use-chart.ts';

/** Height of the place of a figure that is not drawn yet, px. */
const HEIGHT = 320;
/** Kinds with an axis of values that can be logarithmic. */
const withLogScale: ReadonlySet<FigureKind> = new Set(['search', 'curves', 'all-curves', 'edf']);

interface FigureProps<Kind extends FigureKind> {
  readonly title: string;
  readonly kind: Kind;
  readonly data: FigureData[Kind];
  /** Opens the trial of a mark that is clicked. */
  readonly onTrial?: (number: number) => void;
}

/** A figure under its heading: point at it, zoom it, click on a trial, save it. */
export function Figure<Kind extends FigureKind>({ title, kind, data, onTrial }: FigureProps<Kind>): React.JSX.Element {
  const { ref, width } = useElementSize<HTMLElement>();
  const scheme = useComputedColorScheme();
  const [logScale, setLogScale] = useState(false);
  const size = Math.floor(width);
  const view = useMemo(
    (): FigureView => ({ width: size, theme: themes[scheme], interactive: true, logScale }),
    [size, scheme, logScale],
  );
  // Deferred, because a page with many figures of many trials would not answer until all of them were computed.
  const wanted = useDeferredValue(useMemo(() => (size > 0 ? { kind, data, view } : null), [size, kind, data, view]));
  const drawn = useMemo(
    () => wanted && { figure: createFigure(wanted.kind, wanted.data, wanted.view), view: wanted.view },
    [wanted],
  );
  const figure = drawn?.figure;
  const chart = useChart(drawn, onTrial);
  return (
    <section className="figure">
      <div className="bar">
        <h2>{title}</h2>
        <Group gap="xs">
          {withLogScale.has(kind) && (
            <Button
              size="compact-xs"
              variant={logScale ? 'filled' : 'default'}
              aria-pressed={logScale}
              onClick={() => setLogScale(!logScale)}
            >
              Log axis
            </Button>
          )}
          <SaveMenu title={title} kind={kind} data={data} />
        </Group>
      </div>
      <figure ref={ref} style={{ height: figure?.height ?? HEIGHT }}>
        <div ref={chart} role="img" aria-label={figure ? `${figure.title}. ${figure.description}` : title} />
      </figure>
      {figure && figure.notes.length > 0 && <p className="soft">{figure.notes.join(' ')}</p>}
    </section>
  );
}
