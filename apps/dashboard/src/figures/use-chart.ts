import { readTrialNumber, type Figure, type FigureView, type MarkEvent } from '@gradsmith/charts';
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import { useRender, type Render } from './use-render.ts';

type Chart = ReturnType<Render['initChart']>;

/** Figures with more marks than this are drawn on a canvas: each mark of an SVG is an element of the page. */
const MANY = 3_000;

/** A figure with the view it was made for. */
export interface DrawnFigure {
  readonly figure: Figure;
  readonly view: FigureView;
}

/** Keeps a chart of the figure, once there is one, in the element that the reference is given to. */
export function useChart(
  drawn: DrawnFigure | null,
  onTrial: ((number: number) => void) | undefined,
): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<Chart | null>(null);
  const shown = useRef<{ readonly view: FigureView; readonly axes: string }>(null);
  const render = useRender();
  const renderer = drawn && (countMarks(drawn.figure) > MANY ? 'canvas' : 'svg');
  const click = useEffectEvent((event: MarkEvent) => {
    const number = readTrialNumber(event);
    if (number !== null) onTrial?.(number);
  });
  const readSize = useEffectEvent(() => ({ width: drawn!.view.width, height: drawn!.figure.height }));
  useEffect(() => {
    if (!render || !renderer || !place.current) return undefined;
    const created = render.initChart(place.current, null, { renderer, ...readSize() });
    created.on('click', (event) => click(event as MarkEvent));
    shown.current = null;
    setChart(created);
    return () => {
      created.dispose();
      setChart(null);
    };
  }, [render, renderer]);
  useEffect(() => {
    if (!chart || !drawn) return undefined;
    const { figure, view } = drawn;
    // Each figure is drawn in a separate task, so that the page answers between them.
    const timer = setTimeout(() => {
      chart.resize({ width: view.width, height: figure.height });
      // New data leave what the reader has zoomed and hidden. Another view starts again, and so do other axes, such as
      // those of the first figure after the message that there is none yet.
      const axes = nameAxes(figure);
      const isSame = shown.current?.view === view && shown.current.axes === axes;
      chart.setOption(figure.option, isSame ? { replaceMerge: ['series'] } : { notMerge: true });
      shown.current = { view, axes };
    });
    return () => clearTimeout(timer);
  }, [chart, drawn]);
  return place;
}

/** Returns the names of the axes of all panels: ECharts merges axes by name, so with others it would mix up panels. */
function nameAxes({ option: { xAxis, yAxis, parallelAxis } }: Figure): string {
  return JSON.stringify([xAxis, yAxis, parallelAxis].map((axes) => [axes ?? []].flat().map(({ name }) => name)));
}

function countMarks({ option }: Figure): number {
  const series = [option.series ?? []].flat() as readonly { readonly data?: unknown }[];
  // Very many points are numbers in one array: as many marks as make a canvas, too.
  return series.reduce(
    (sum, { data }) =>
      sum + (Array.isArray(data) || ArrayBuffer.isView(data) ? (data as ArrayLike<unknown>).length : 0),
    0,
  );
}
