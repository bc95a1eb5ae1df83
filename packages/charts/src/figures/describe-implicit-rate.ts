import type { ImplicitRateData, InputsData } from '../report/data.ts';
import { computeDensities, computeShare, countInputs, findQuantile, readEdge } from '../report/input-histogram.ts';
import { findExtent, formatNumber, formatShare, isFiniteNumber } from '../text/numbers.ts';
import type { Extent } from './axis.ts';
import type { FigureTable } from './figure.ts';
import type { Panel } from './rate-panels.ts';
import { chooseRateScale, computeRates, nameRate } from './rate-scale.ts';

export function describeRate(data: ImplicitRateData, panels: readonly Panel[]): string {
  const ranges = panels.flatMap(({ lines }) =>
    lines.flatMap(({ name, places }) => {
      const extent = findExtent(places.map(([, y]) => y ?? Number.NaN));
      return extent ? [`${name} from ${formatNumber(extent[0])} to ${formatNumber(extent[1])}`] : [];
    }),
  );
  return `Lines over the input z of layer ${data.layer}: ${ranges.join('; ')}.`;
}

export function createRateTable(data: ImplicitRateData): FigureTable {
  const { z, found, derivative, inputs } = data;
  const rates = computeRates(data);
  const densities = inputs.map((moment) => {
    const values = computeDensities(moment);
    return (at: number) => values[Math.floor(((at + moment.limit) / (2 * moment.limit)) * values.length)] ?? 0;
  });
  return {
    columns: [
      'z',
      'g',
      `${data.activation}′`,
      nameRate(data)[0],
      ...inputs.map(({ step }) => `density of inputs after step ${step}`),
    ],
    rows: Array.from(z, (at, i) => [
      at,
      found.g[i] ?? null,
      derivative[i] ?? null,
      isFiniteNumber(rates[i]) ? rates[i] : null,
      ...densities.map((read) => read(at)),
    ]),
  };
}

export function listRateNotes(data: ImplicitRateData, panels: readonly Panel[]): string[] {
  const notes: string[] = [];
  const rate = panels.find(({ name }) => name === 'rate');
  if (!rate) notes.push(`${data.activation}′ is 0 at every z shown, so this g has no reading as a learning rate.`);
  else notes.push(...describeBeyond(data, rate.extent));
  const last = data.inputs.at(-1);
  const shown = panels.find(({ name }) => name === 'inputs');
  return last && shown && countInputs(last) > 0
    ? [...notes, ...describeInputs(data, last, shown.x, panels[0]!.x)]
    : notes;
}

/** Says what the scale of β is for, and how far β goes beyond it; nothing if it does not. */
function describeBeyond(data: ImplicitRateData, [low, high]: Extent): string[] {
  const rates = computeRates(data);
  const isBeyond = (rate: number): boolean => rate < low || rate > high;
  if (!rates.some(isBeyond)) return [];
  const farthest = rates.reduce(
    (best, rate, i) => (isBeyond(rate) && !(Math.abs(rate) <= Math.abs(rates[best] ?? 0)) ? i : best),
    -1,
  );
  const { range, share } = chooseRateScale(data, rates);
  const [from, to] = range.map((at) => formatNumber(round(at)));
  const inputs = share === null ? '' : `, where the central ${formatShare(share)} of the inputs at the end are`;
  return [
    `The scale of β is that of z from ${from} to ${to}${inputs}. Beyond it, β reaches ` +
      `${formatNumber(rates[farthest]!)} at z = ${formatNumber(round(data.z[farthest]!))}.`,
  ];
}

/** Says where most of the inputs at the end are, and how many of them plain backpropagation passes no error through. */
function describeInputs(data: ImplicitRateData, last: InputsData, axis: Extent, upper: Extent): string[] {
  const [low, high] = [findQuantile(last, 0.05), findQuantile(last, 0.95)].map((at) => formatNumber(round(at)));
  const notes = [`At the end, 90 % of the inputs are between ${low} and ${high}${describeDead(data, last)}.`];
  if (axis !== upper)
    notes.push(
      `The panels above show z from ${formatNumber(upper[0])} to ${formatNumber(upper[1])}, where ` +
        `${formatShare(computeShare(last, upper))} of the inputs at the end are; beyond, g hardly changes.`,
    );
  const outside = 1 - computeShare(last, axis);
  if (outside > 1e-9)
    notes.push(
      `${formatShare(outside)} of the inputs at the end are below ${formatNumber(axis[0])} or above ` +
        `${formatNumber(axis[1])}.`,
    );
  return notes;
}

function describeDead({ z, derivative, activation, layer, dead }: ImplicitRateData, last: InputsData): string {
  const zero = last.counts.reduce((sum, count, bin) => {
    const at = (readEdge(last, bin - 1) + readEdge(last, bin)) / 2;
    return readSlope(z, derivative, at) === 0 ? sum + count : sum;
  }, 0);
  if (!zero) return '';
  const text = `, and ${formatShare(zero / countInputs(last))} are where ${activation}′\u00a0=\u00a00`;
  if (dead === null) return text;
  return `${text}; with g\u00a0≠\u00a00 as well, ${formatShare(dead)} (beta.${layer}.dead)`;
}

/** Two digits, because bins are wide. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}

/** Returns the derivative at the drawn place that is closest to an input. */
function readSlope(z: ArrayLike<number>, derivative: ArrayLike<number>, at: number): number | undefined {
  const place = Math.round(((at - z[0]!) / (z[z.length - 1]! - z[0]!)) * (z.length - 1));
  return derivative[Math.min(z.length - 1, Math.max(0, place))];
}
