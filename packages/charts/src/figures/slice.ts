import { readValue, type MetricData, type ParameterData, type ParameterValue, type TrialData } from '../report/data.ts';
import {
  AXIS_HEIGHT,
  type FigureOptions,
  type Plot,
  drawMessage,
  figure,
  drawHorizontalAxis,
  label,
  chooseSize,
  measureTicks,
  drawVerticalAxis,
} from '../svg/frame.ts';
import { drawMarker, mergeClose, drawScatter } from '../svg/markers.ts';
import { type Markup, element, join } from '../svg/markup.ts';
import { shortenText, LINE_HEIGHT } from '../svg/metrics.ts';
import { formatNumber, isFiniteNumber } from '../svg/numbers.ts';
import type { Place } from '../svg/path.ts';
import { type Scale, createLinearScale, createLogScale } from '../svg/scale.ts';
import { computeBulkExtent } from './bulk.ts';

export interface SliceData {
  readonly metric: MetricData;
  readonly parameters: readonly ParameterData[];
  readonly trials: readonly TrialData[];
}

/** Limit of panels; more would be too small to read. The figure says if some are omitted. */
const PANELS = 12;
const PANEL_HEIGHT = 190;
/** Height of the caption. */
const HEADER = 26;

type Axis = {
  readonly place: (value: ParameterValue | undefined) => number | null;
  readonly draw: (plot: Plot) => Markup;
};

/** Draws the value against each free parameter, one panel per parameter. The best trial is circled. */
export function drawSlices(data: SliceData, options: FigureOptions = {}): string {
  const free = data.parameters.filter((parameter) =>
    'low' in parameter ? parameter.low <= parameter.high : parameter.type === 'categorical',
  );
  const shown = free.slice(0, PANELS);
  const columns = Math.max(1, Math.min(shown.length, countColumns(options.width ?? 720)));
  const rows = Math.ceil(shown.length / columns) || 1;
  const more = free.length - shown.length;
  const footer = more ? 20 : 0;
  const { width, height } = chooseSize(options, 720, rows * PANEL_HEIGHT + HEADER + footer);
  const id = options.id ?? 'slice';
  const title = options.title ?? 'Value by parameter';
  const complete = data.trials.filter(({ state, value }) => state === 'complete' && isFiniteNumber(value));
  const values = complete.map(({ value }) => value);
  const extent = computeBulkExtent(values, data.metric.direction, null);
  const missing = shown.length ? 'No trial is complete yet.' : 'No parameter is searched.';
  if (!shown.length || !extent) return drawMessage(id, title, missing, { width, height });

  const best = findBest(complete, data.metric.direction);
  const panelHeight = (height - HEADER - footer) / rows;
  const y = createLinearScale(extent, [panelHeight - AXIS_HEIGHT, 12], { nice: true });
  const ticks = y.ticks((panelHeight - AXIS_HEIGHT - 12) / 40);
  const gutter = measureTicks(ticks);
  const panelWidth = (width - gutter) / columns;
  const plot: Plot = { left: 14, right: panelWidth - 14, top: 12, bottom: panelHeight - AXIS_HEIGHT };
  const panels = shown.map((parameter, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const labeled = column === 0 ? ticks : ticks.map((tick) => ({ ...tick, label: '' }));
    const left = (gutter + column * panelWidth).toFixed(1);
    const top = (HEADER + row * panelHeight).toFixed(1);
    return element('g', { transform: `translate(${left} ${top})` }, [
      drawVerticalAxis(y, labeled, plot, ''),
      drawPanel(parameter, { complete, best, y, plot }),
    ]);
  });
  const isClipped = values.some((value) => value! < y.domain[0] || value! > y.domain[1]);
  const caption = `${data.metric.name} of each complete trial; the best is ringed`;
  const content = [
    label(shortenText(isClipped ? `${caption}; triangles: beyond the scale` : caption, width), 0, 14, {
      class: 'soft',
    }),
    ...panels,
  ];
  if (more) {
    const note = `${more} more parameters are not shown`;
    content.push(label(note, width, height - 4, { class: 'soft', anchor: 'end' }));
  }
  return figure({ id, title, description: describeSlices(data, shown, best), width, height }, content);
}

function countColumns(width: number): number {
  if (width < 480) return 1;
  return width < 680 ? 2 : 3;
}

function findBest(complete: readonly TrialData[], direction: MetricData['direction']): TrialData {
  const sign = direction === 'minimize' ? 1 : -1;
  return complete.reduce((a, b) => (sign * (b.value! - a.value!) < 0 ? b : a));
}

interface Panel {
  readonly complete: readonly TrialData[];
  readonly best: TrialData;
  readonly y: Scale;
  readonly plot: Plot;
}

function drawPanel(parameter: ParameterData, { complete, best, y, plot }: Panel): Markup {
  const axis = createAxis(parameter, plot);
  const [low, high] = y.domain;
  const place = ({ point, value }: TrialData): Place[] => {
    const x = axis.place(readValue(point, parameter.name));
    return x === null ? [] : [[x, y.place(value!)]];
  };
  const inside = complete.filter(({ value }) => value! >= low && value! <= high);
  const above = complete.filter(({ value }) => value! > high);
  const below = complete.filter(({ value }) => value! < low);
  return join([
    axis.draw(plot),
    drawScatter([{ places: inside.flatMap(place), shape: 'dot', color: 'c1' }], 400),
    ...mergeClose(above.flatMap(place)).map((at) => drawMarker('triangle', at, 'c1')),
    ...mergeClose(below.flatMap(place)).map((at) => drawMarker('triangle-down', at, 'c1')),
    ...place(best).map((at) => drawMarker('ring', at, 'c2')),
  ]);
}

function createAxis(parameter: ParameterData, plot: Plot): Axis {
  const range: [number, number] = [plot.left + 8, plot.right - 8];
  const name = shortenText(parameter.name, plot.right - plot.left);
  if ('low' in parameter) {
    const extent: [number, number] = [parameter.low, parameter.high];
    const scale =
      parameter.scale === 'log' && parameter.low > 0
        ? createLogScale(extent, range)
        : createLinearScale(extent, range, { integer: parameter.type === 'int' });
    return {
      place: (value) => (isFiniteNumber(value) ? scale.place(value) : null),
      draw: (at) => drawHorizontalAxis(scale, at, name),
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
          label(step < 16 ? '' : shortenText(String(choice), step - 6), middle(i), at.bottom + LINE_HEIGHT + 2, {
            class: 'soft',
            anchor: 'middle',
          }),
        ),
        label(name, (at.left + at.right) / 2, at.bottom + 2 * LINE_HEIGHT + 4, { class: 'soft', anchor: 'middle' }),
      ]),
  };
}

function describeSlices({ metric }: SliceData, shown: readonly ParameterData[], best: TrialData): string {
  const at = shown.flatMap(({ name }) => {
    const value = readValue(best.point, name);
    if (value === undefined) return [];
    return `${name} ${typeof value === 'number' ? formatNumber(value) : String(value)}`;
  });
  return (
    `${metric.name} against each parameter. Best ${formatNumber(best.value!)} at trial ${best.number}: ` +
    `${at.join(', ')}.`
  );
}
