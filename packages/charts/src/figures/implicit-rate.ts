import type { XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { ImplicitRateData, InputsData } from '../report/data.ts';
import { chooseInputsExtent } from '../report/input-histogram.ts';
import { findExtent } from '../text/numbers.ts';
import { type Extent, limitSize, widenExtent } from './axis.ts';
import { createAxisTip, createShade } from './b-functions.ts';
import { createRateTable, describeRate, listRateNotes } from './describe-implicit-rate.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import {
  createPanelSeries,
  createPanelXAxis,
  createPanelYAxis,
  hasOwnAxis,
  layOutPanels,
  markShownRange,
} from './lay-out-panels.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureLegend } from './layout.ts';
import { createDerivativePanel, createInputsPanel, createRatePanel } from './rate-panels.ts';

/**
 * Draws g(z) of one trial with the derivative σ′(z) that it replaces; below it β(z) = α·g(z)/σ′(z), the learning rate
 * that g stands for in equation 4 of the paper; and below that, where the inputs z lie. Where σ′ = 0 there is no β.
 * Inputs that reach far beyond the z of g have a separate axis, with that range marked.
 */
export function drawImplicitRate(whole: ImplicitRateData, frame: Frame): Figure {
  const title = `b-function of ${whole.layer}, its learning rate and its inputs`;
  const reach = findExtent(Array.from(whole.z));
  if (!reach) return createMessage(title, 'No b-function to show.', frame);
  const x = chooseShownExtent(widenExtent([limitSize(reach[0]), limitSize(reach[1])]), whole.inputs);
  const data = limitRange(whole, x);
  const panels = [
    createDerivativePanel(data, x, frame),
    createRatePanel(data, x, frame),
    createInputsPanel(data, x, frame),
  ].filter((panel) => panel !== null);
  if (panels[0]?.name !== 'derivative') return createMessage(title, 'No b-function to show.', frame);
  const bands = [...createShade(data, frame), ...markShownRange(panels, frame)];
  const legend: LegendEntry[] = [
    ...panels.flatMap(({ lines }) => lines.map(({ name, type }) => ({ name, icon: lineIcons[type ?? 'solid'] }))),
    ...bands.map(({ name }) => ({ name: String(name), icon: 'rect' })),
  ];
  const layout = layOutPanels(panels, measureLegend(legend, frame), frame);
  return {
    title,
    description: describeRate(data, panels),
    notes: listRateNotes(data, panels),
    height: layout.height,
    option: {
      ...createBase(frame, 'none'),
      ...createAxisTip(frame),
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      legend: createLegend(legend, frame),
      grid: layout.grids,
      xAxis: panels.map((panel, i): XAXisComponentOption => ({
        ...createPanelXAxis(data.layer, panel, hasOwnAxis(panels, i), frame),
        gridIndex: i,
      })),
      yAxis: panels.map((panel, i) => ({ ...createPanelYAxis(panel, frame), gridIndex: i }) as YAXisComponentOption),
      series: [...bands, ...panels.flatMap((panel, i) => createPanelSeries(panel, i, frame))],
    },
    toTable: () => createRateTable(data),
  };
}

/** Returns the z to draw g at: those of the inputs, unless they reach beyond what is known of g. */
function chooseShownExtent(reach: Extent, inputs: readonly InputsData[]): Extent {
  const extent = chooseInputsExtent(inputs);
  return extent && extent[0] >= reach[0] && extent[1] <= reach[1] ? extent : reach;
}

/** Leaves out what is not drawn, so that it does not set a scale. */
function limitRange(data: ImplicitRateData, [low, high]: Extent): ImplicitRateData {
  const { z, derivative, found } = data;
  const limit = (values: ArrayLike<number>): number[] =>
    Array.from(z, (_, i) => values[i] ?? Number.NaN).filter((_, i) => z[i]! >= low && z[i]! <= high);
  return { ...data, z: limit(z), derivative: limit(derivative), found: { ...found, g: limit(found.g) } };
}
