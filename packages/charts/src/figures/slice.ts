import type { MetricData, ParameterData, ParameterValue, TrialData } from '../report/data.ts';
import {
  AXIS_ROOM,
  type FigureOptions,
  type Plot,
  emptyFigure,
  figure,
  horizontalAxis,
  label,
  sizeOf,
  tickRoom,
  verticalAxis,
} from '../svg/frame.ts';
import { marker, scatter } from '../svg/markers.ts';
import { type Markup, element, join } from '../svg/markup.ts';
import { fit, LINE_HEIGHT } from '../svg/metrics.ts';
import { formatNumber, isFiniteNumber } from '../svg/numbers.ts';
import type { Place } from '../svg/path.ts';
import { type Scale, type Tick, linearScale, logScale } from '../svg/scale.ts';
import { bulkExtent } from './bulk.ts';

export interface SliceData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
}

/** Panels beyond these are left out, and said so: more would be too small to read. */
const PANELS = 12;
const PANEL_HEIGHT = 190;

type Axis = {
  readonly place: (value: ParameterValue | undefined) => number | null;
  readonly draw: (plot: Plot) => Markup;
};

/** Value against each free parameter, one panel a parameter; the best trial is ringed. */
export function sliceFigure(data: SliceData, options: FigureOptions = {}): string {
  const free = data.parameters.filter((parameter) =>
    'low' in parameter ? parameter.low <= parameter.high : parameter.type === 'categorical',
  );
  const shown = free.slice(0, PANELS);
  const columns = Math.min(shown.length, (options.width ?? 720) < 480 ? 1 : (options.width ?? 720) < 680 ? 2 : 3) || 1;
  const rows = Math.ceil(shown.length / columns) || 1;
  const more = free.length - shown.length;
  const { width, height } = sizeOf(options, 720, rows * PANEL_HEIGHT + 26 + (more ? 20 : 0));
  const id = options.id ?? 'slice';
  const title = options.title ?? 'Value by parameter';
  const complete = data.trials.filter(({ state, value }) => state === 'complete' && isFiniteNumber(value));
  const extent = bulkExtent(
    complete.map(({ value }) => value),
    data.metric.direction,
    null,
  );
  if (!shown.length || !extent)
    return emptyFigure(id, title, shown.length ? 'No trial is complete yet.' : 'No parameter is searched.', {
      width,
      height,
    });

  const best = complete.reduce((a, b) =>
    (data.metric.direction === 'minimize' ? b.value! < a.value! : b.value! > a.value!) ? b : a,
  );
  const panelHeight = (height - 26 - (more ? 20 : 0)) / rows;
  const y = linearScale(extent, [panelHeight - AXIS_ROOM, 12], { nice: true });
  const ticks = y.ticks((panelHeight - AXIS_ROOM - 12) / 40);
  const gutter = tickRoom(ticks);
  const panelWidth = (width - gutter) / columns;
  const panels = shown.map((parameter, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const plot: Plot = { left: 14, right: panelWidth - 14, top: 12, bottom: panelHeight - AXIS_ROOM };
    const content = panel(
      parameter,
      complete,
      best,
      y,
      column === 0 ? ticks : ticks.map((tick) => ({ ...tick, label: '' })),
      plot,
    );
    return element(
      'g',
      { transform: `translate(${(gutter + column * panelWidth).toFixed(1)} ${(26 + row * panelHeight).toFixed(1)})` },
      [content],
    );
  });
  return figure({ id, title, description: describe(data, shown, best), width, height }, [
    label(fit(`${data.metric.name} of each complete trial; the best is ringed`, width), 0, 14, { class: 'soft' }),
    ...panels,
    ...(more
      ? [label(`${more} more parameters are not shown`, width, height - 4, { class: 'soft', anchor: 'end' })]
      : []),
  ]);
}

function panel(
  parameter: ParameterData,
  complete: readonly TrialData[],
  best: TrialData,
  y: Scale,
  ticks: readonly Tick[],
  plot: Plot,
): Markup {
  const axis = axisOf(parameter, plot);
  const placed = ({ point, value }: TrialData): Place[] => {
    const x = axis.place(point[parameter.name]);
    return x === null ? [] : [[x, y.place(value!)]];
  };
  return join([
    verticalAxis(y, ticks, { ...plot }, ''),
    axis.draw(plot),
    scatter([{ places: complete.flatMap(placed), shape: 'dot', colour: 'c1' }], 400),
    ...placed(best).map((place) => marker('ring', place, 'c2')),
  ]);
}

function axisOf(parameter: ParameterData, plot: Plot): Axis {
  const range: [number, number] = [plot.left + 8, plot.right - 8];
  const name = fit(parameter.name, plot.right - plot.left);
  if ('low' in parameter) {
    const extent: [number, number] = [parameter.low, parameter.high];
    const scale =
      parameter.scale === 'log' && parameter.low > 0
        ? logScale(extent, range)
        : linearScale(extent, range, { integer: parameter.type === 'int' });
    return {
      place: (value) => (isFiniteNumber(value) ? scale.place(value) : null),
      draw: (at) => horizontalAxis(scale, at, name),
    };
  }
  const choices = parameter.type === 'categorical' ? parameter.choices : [parameter.value];
  const step = (range[1] - range[0]) / choices.length;
  const middle = (index: number): number => range[0] + (index + 0.5) * step;
  return {
    place: (value) => {
      const index = choices.findIndex((choice) => choice === value);
      return index < 0 ? null : middle(index);
    },
    draw: (at) =>
      join([
        element('line', { class: 'axis', x1: at.left, x2: at.right, y1: at.bottom, y2: at.bottom }),
        ...choices.map((choice, i) =>
          label(step < 16 ? '' : fit(String(choice), step - 6), middle(i), at.bottom + LINE_HEIGHT + 2, {
            class: 'soft',
            anchor: 'middle',
          }),
        ),
        label(name, (at.left + at.right) / 2, at.bottom + 2 * LINE_HEIGHT + 4, { class: 'soft', anchor: 'middle' }),
      ]),
  };
}

function describe({ metric }: SliceData, shown: readonly ParameterData[], best: TrialData): string {
  const at = shown.map(({ name }) => {
    const value = best.point[name];
    return `${name} ${typeof value === 'number' ? formatNumber(value) : String(value)}`;
  });
  return `${metric.name} against each parameter. Best ${formatNumber(best.value!)} at trial ${best.number}: ${at.join(', ')}.`;
}
