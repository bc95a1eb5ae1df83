import type { ImplicitRateData } from '../report/data.ts';
import { chooseInputsExtent, computeDensities, readEdge } from '../report/input-histogram.ts';
import { nameTrial } from '../report/name-point.ts';
import { findExtent, isFiniteNumber } from '../text/numbers.ts';
import { chooseRoomyExtent, type Extent, limitSize } from './axis.ts';
import type { Frame } from './figure.ts';
import type { LineGroup } from './lines.ts';
import { chooseRateScale, computeRates, nameRate } from './rate-scale.ts';
import { chooseSeriesColor } from './theme.ts';

export type PanelName = 'derivative' | 'rate' | 'inputs';

/** One of the plots above each other that share z. */
export interface Panel {
  readonly name: PanelName;
  readonly label: string;
  /** Of z. */
  readonly x: Extent;
  readonly extent: Extent;
  /** Whether the heights have no unit. */
  readonly isRelative?: boolean;
  readonly lines: readonly (LineGroup & { readonly filled?: boolean })[];
}

export function createDerivativePanel(data: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  const { found, derivative, activation } = data;
  const lines: LineGroup[] = [
    {
      id: 'g',
      name: `g, ${nameTrial(found.number, found.name)}`,
      color: chooseSeriesColor(theme, 0),
      places: placeValues(data.z, found.g),
      width: 2.5,
      z: 4,
    },
    {
      id: 'derivative',
      name: `${activation}′`,
      color: theme.muted,
      places: placeValues(data.z, derivative),
      type: 'dashed',
    },
  ];
  const extent = findExtent(lines.flatMap(({ places }) => places.map(([, y]) => y ?? Number.NaN)));
  if (!extent) return null;
  return { name: 'derivative', label: `g(z) and ${activation}′(z)`, x, extent: chooseRoomyExtent(extent, 4), lines };
}

/** Returns null if β exists nowhere. */
export function createRatePanel(data: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  const rates = computeRates(data);
  const plain = data.learningRate ?? 1;
  if (!rates.some(isFiniteNumber)) return null;
  const [name, label] = nameRate(data);
  return {
    name: 'rate',
    label,
    x,
    extent: chooseRoomyExtent(chooseRateScale(data, rates).extent, 3),
    lines: [
      {
        id: 'rate',
        name,
        color: chooseSeriesColor(theme, 1),
        places: Array.from(data.z, (z, i) => [limitSize(z), isFiniteNumber(rates[i]) ? limitSize(rates[i]) : null]),
      },
      {
        id: 'plain',
        name: 'plain backpropagation',
        color: theme.muted,
        places: [data.z[0]!, data.z[data.z.length - 1]!].map((z) => [limitSize(z), plain]),
        type: 'dotted',
        width: 1.5,
      },
    ],
  };
}

/** Draws each moment up to its own peak: inputs that have spread would be flat next to those of the first epoch. */
export function createInputsPanel({ inputs }: ImplicitRateData, x: Extent, { theme }: Frame): Panel | null {
  if (!inputs.length) return null;
  const extent = chooseInputsExtent(inputs) ?? x;
  const lines = inputs.map((moment, i): Panel['lines'][number] => {
    const isLast = i === inputs.length - 1;
    const densities = computeDensities(moment);
    const peak = Math.max(...densities) || 1;
    return {
      id: `inputs:${i}`,
      name: `inputs after step ${moment.step}`,
      color: isLast ? chooseSeriesColor(theme, 2) : theme.muted,
      places: [...densities, 0].map((density, bin) => [readEdge(moment, bin), density / peak]),
      step: 'end',
      type: isLast ? 'solid' : 'dashed',
      width: 1.5,
      filled: isLast,
    };
  });
  return {
    name: 'inputs',
    label: 'density of the inputs z, each up to its peak',
    x: extent[0] >= x[0] && extent[1] <= x[1] ? x : extent,
    extent: [0, 1.1],
    isRelative: true,
    lines,
  };
}

function placeValues(z: ArrayLike<number>, values: ArrayLike<number>): [number, number | null][] {
  return Array.from(z, (at, i) => [limitSize(at), isFiniteNumber(values[i]) ? limitSize(values[i]) : null]);
}
