import type { XAXisComponentOption, YAXisComponentOption } from 'echarts';
import type { ParameterData } from '../report/data.ts';
import { shortenText } from '../text/metrics.ts';
import { isFiniteNumber } from '../text/numbers.ts';
import { chooseExtent, createXAxis, createYAxis, type Extent, limitSize, styleAxis, widenExtent } from './axis.ts';
import type { Frame } from './figure.ts';

/** Width of a figure that the names and choices of an axis leave free, px. */
const ROOM = 22;

/** Whether a parameter has a range or choices. */
export function isFree(parameter: ParameterData): boolean {
  return 'low' in parameter ? parameter.low <= parameter.high : parameter.type === 'categorical';
}

/** An axis of a parameter: numbers, or the choices of a categorical parameter. */
export interface ParameterAxis {
  readonly extent: Extent;
  readonly log: boolean;
  /** Returns null for a value that the axis cannot show. */
  readonly place: (value: unknown) => number | null;
  readonly option: XAXisComponentOption;
}

/** Creates the horizontal axis of a parameter, with its range. */
export function createParameterAxis(parameter: ParameterData, frame: Frame): ParameterAxis {
  const name = shortenText(parameter.name, frame.width - ROOM);
  if ('low' in parameter) {
    const log = parameter.scale === 'log' && limitSize(parameter.low) > 0;
    const range = [limitSize(parameter.low), limitSize(parameter.high)] as const;
    const extent = log ? chooseExtent(range, true) : widenExtent(range);
    return {
      extent,
      log,
      place: (value) => (isFiniteNumber(value) && (!log || value > 0) ? limitSize(value) : null),
      option: createXAxis(frame, { name, extent, log, integer: parameter.type === 'int' }),
    };
  }
  const choices = listChoices(parameter);
  return {
    extent: [-0.5, choices.length - 0.5],
    log: false,
    place: (value) => {
      const index = choices.findIndex((choice) => choice === value);
      return index < 0 ? null : index;
    },
    option: createChoiceAxis(choices, name, frame),
  };
}

export function listChoices(parameter: Exclude<ParameterData, { low: number }>): readonly unknown[] {
  if (parameter.type === 'program') return [];
  return parameter.type === 'categorical' ? parameter.choices : [parameter.value];
}

/** Choices at whole numbers. With many of them, labels are slanted, so that all can be read. */
function createChoiceAxis(choices: readonly unknown[], name: string, frame: Frame): XAXisComponentOption {
  const style = styleAxis(frame);
  const step = (frame.width - ROOM) / choices.length;
  return {
    type: 'value',
    min: -0.5,
    max: choices.length - 0.5,
    name,
    nameLocation: 'middle',
    nameGap: 26,
    nameTextStyle: style.nameTextStyle,
    axisLine: style.axisLine,
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      ...style.axisLabel,
      customValues: choices.map((_, i) => i),
      formatter: (i: number) =>
        step < 16 ? '' : shortenText(String(choices[i] ?? ''), step - 6, frame.theme.fontSize),
    },
  } as XAXisComponentOption;
}

/** Creates the vertical axis of a parameter from its horizontal one. */
export function createVerticalAxis(
  parameter: ParameterData,
  { extent, log, option }: ParameterAxis,
  frame: Frame,
): YAXisComponentOption {
  const isNumeric = 'low' in parameter;
  const axis = createYAxis(frame, {
    name: parameter.name,
    extent,
    log,
    integer: isNumeric && parameter.type === 'int',
  });
  const labels = isNumeric ? {} : { axisLabel: option.axisLabel };
  // The interval is that of the parameter, so its ends are not round.
  return { ...axis, interval: undefined, splitLine: { show: false }, ...labels } as YAXisComponentOption;
}
