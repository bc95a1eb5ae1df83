import type { MetricData, ReferenceData, TrialData } from '../report/data.ts';
import { type EndLabel, measureEndLabels, drawEndLabels } from '../svg/end-labels.ts';
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
import { type Crowd, type Shape, drawMarker, mergeClose, drawScatter } from '../svg/markers.ts';
import { type Markup, element, join } from '../svg/markup.ts';
import { LINE_HEIGHT, measureText } from '../svg/metrics.ts';
import { findExtent, formatCount, formatNumber, isFiniteNumber } from '../svg/numbers.ts';
import { formatSteps } from '../svg/path.ts';
import { type Scale, createLinearScale } from '../svg/scale.ts';
import { computeBulkExtent } from './bulk.ts';

export interface SearchData {
  readonly metric: MetricData;
  readonly trials: readonly TrialData[];
  readonly reference: ReferenceData | null;
}

const states = ['complete', 'pruned', 'diverged', 'failed'] as const;

type State = (typeof states)[number];

const colors: Readonly<Record<State, string>> = { complete: 'c1', pruned: 'c5', diverged: 'c2', failed: 'c4' };

interface KeyEntry {
  readonly shape: Shape;
  readonly color: string;
  readonly name: string;
}

/** A settled trial; `value` is null for a failed one. */
interface SettledTrial {
  readonly number: number;
  readonly state: State;
  readonly value: number | null;
}

/**
 * Draws the value of every trial by its number, the best value so far, and the reference as a line across.
 *
 * - A pruned trial has no value but a bound, which is drawn as a bar with an arrow to where the value lies.
 * - A value beyond the scale is drawn as a triangle on the border. The scale covers the bulk and the reference.
 * - A failed trial has no value and is drawn on the base line.
 * - Many trials are drawn as a density, so that the figure stays small.
 */
export function drawSearch(data: SearchData, options: FigureOptions = {}): string {
  const { width, height } = chooseSize(options, 720, 360);
  const id = options.id ?? 'search';
  const title = options.title ?? 'The search, trial by trial';
  const settled = listSettled(data.trials);
  const reference = isFiniteNumber(data.reference?.value)
    ? { label: data.reference.label, value: data.reference.value }
    : null;
  const extent = computeExtent(settled, data.metric.direction, reference?.value ?? null);
  const missing = settled.length ? 'No trial has a value yet.' : 'No trial has settled yet.';
  if (!settled.length || !extent) return drawMessage(id, title, missing, { width, height });

  const improvements = listImprovements(settled, data.metric.direction);
  const names = [];
  if (reference !== null) names.push(reference.label);
  if (improvements.length) names.push('best so far');
  const labelWidth = measureEndLabels(names, width * 0.3);
  // The height of the key is needed before the scale is known; one extra entry is harmless.
  const keyHeight = layOutKey(listKeyEntries(settled, data.metric.direction, settled.length), width).length;
  const [top, bottom] = [34 + keyHeight * LINE_HEIGHT, height - AXIS_HEIGHT];
  const y = createLinearScale(extent, [bottom - 14, top], { nice: true });
  const ticks = y.ticks((bottom - top) / 55);
  const plot: Plot = { left: measureTicks(ticks), right: width - labelWidth, top, bottom };
  const last = settled.reduce((max, { number }) => Math.max(max, number), 0);
  const x = createLinearScale([0, Math.max(1, last)], [plot.left + 8, plot.right - 8], { integer: true });
  const clipped = settled.filter(({ value }) => isOutside(value, y));
  const inside = settled.filter(({ value }) => !isOutside(value, y));
  const entries = listKeyEntries(settled, data.metric.direction, clipped.length);

  return figure({ id, title, description: describeSearch(data, settled, improvements), width, height }, [
    drawVerticalAxis(y, ticks, plot, data.metric.name),
    drawHorizontalAxis(x, plot, 'trial'),
    drawKey(layOutKey(entries, width), width),
    drawScatter(groupByState(inside, data.metric.direction, { x, y, base: bottom - 7 }).toReversed()),
    ...drawClipped(clipped, x, y),
    ...drawLines(improvements, reference, { x, y, plot, labelWidth }),
  ]);
}

function listSettled(trials: readonly TrialData[]): SettledTrial[] {
  return trials.flatMap(({ state, number, value }) => {
    const known = states.find((other) => other === state);
    if (!known || !isFiniteNumber(number)) return [];
    return [{ number, state: known, value: known !== 'failed' && isFiniteNumber(value) ? value : null }];
  });
}

/** Returns the bulk of the complete trials, or of all trials if none is complete, and the reference. */
function computeExtent(
  settled: readonly SettledTrial[],
  direction: MetricData['direction'],
  reference: number | null,
): [low: number, high: number] | null {
  const complete = settled.filter(({ state }) => state === 'complete').map(({ value }) => value);
  const all = settled.map(({ value }) => value);
  const bulk = computeBulkExtent(complete, direction, null) ?? computeBulkExtent(all, direction, null);
  return findExtent([...(bulk ?? []), reference]);
}

function isOutside(value: number | null, { domain: [low, high] }: Scale): boolean {
  return value !== null && (value < low || value > high);
}

function chooseShape(state: State, direction: MetricData['direction']): Shape {
  if (state === 'pruned') return direction === 'minimize' ? 'bound-up' : 'bound-down';
  return ({ complete: 'dot', diverged: 'cross', failed: 'tick' } as const)[state];
}

function groupByState(
  trials: readonly SettledTrial[],
  direction: MetricData['direction'],
  { x, y, base }: { x: Scale; y: Scale; base: number },
): Crowd[] {
  return states.map((state) => ({
    shape: chooseShape(state, direction),
    color: colors[state],
    places: trials
      .filter((trial) => trial.state === state)
      .map(({ number, value }) => [x.place(number), value === null ? base : y.place(value)] as const),
  }));
}

/** Draws triangles on the border that point to the values. */
function drawClipped(clipped: readonly SettledTrial[], x: Scale, y: Scale): Markup[] {
  return states.flatMap((state) =>
    (['triangle', 'triangle-down'] as const).flatMap((shape) => {
      const places = clipped
        .filter((trial) => trial.state === state && trial.value! > y.domain[1] === (shape === 'triangle'))
        .map(({ number, value }) => [x.place(number), y.place(value!)] as const);
      return mergeClose(places).map((place) => drawMarker(shape, place, colors[state]));
    }),
  );
}

/** Returns the complete trials that improved the best value, by number. */
function listImprovements(
  settled: readonly SettledTrial[],
  direction: MetricData['direction'],
): { number: number; value: number }[] {
  const found: { number: number; value: number }[] = [];
  for (const { state, number, value } of settled.toSorted((a, b) => a.number - b.number)) {
    if (state !== 'complete' || !isFiniteNumber(value)) continue;
    const best = found.at(-1)?.value;
    if (best === undefined || (direction === 'minimize' ? value < best : value > best)) found.push({ number, value });
  }
  return found;
}

function drawLines(
  improvements: readonly { number: number; value: number }[],
  reference: { label: string; value: number } | null,
  { x, y, plot, labelWidth }: { x: Scale; y: Scale; plot: Plot; labelWidth: number },
): Markup[] {
  const drawn: Markup[] = [];
  const ends: EndLabel[] = [];
  if (reference !== null) {
    const level = y.place(reference.value);
    drawn.push(element('line', { class: 'line ref dash', x1: plot.left, x2: plot.right, y1: level, y2: level }));
    ends.push({ name: reference.label, y: level, class: 'ref' });
  }
  const steps = improvements.map(({ number, value }) => [x.place(number), y.place(value)] as const);
  const best = steps.at(-1);
  if (best) {
    drawn.push(element('path', { class: 'line c3', d: formatSteps([...steps, [plot.right, best[1]]]) }));
    drawn.push(drawMarker('ring', best, 'c3'));
    ends.push({ name: 'best so far', y: best[1], class: 'c3' });
  }
  return [...drawn, drawEndLabels(ends, { x: plot.right, labelWidth, top: plot.top, bottom: plot.bottom })];
}

function listKeyEntries(
  settled: readonly SettledTrial[],
  direction: MetricData['direction'],
  clipped: number,
): KeyEntry[] {
  const entries = states.flatMap((state): KeyEntry[] => {
    const count = settled.filter((trial) => trial.state === state).length;
    if (!count) return [];
    const name = `${state} ${formatCount(count)}${state === 'pruned' ? `, ${nameBounds(direction)}` : ''}`;
    return [{ shape: chooseShape(state, direction), color: colors[state], name }];
  });
  if (clipped) entries.push({ shape: 'triangle', color: 'ref', name: `beyond the scale ${formatCount(clipped)}` });
  return entries;
}

function nameBounds(direction: MetricData['direction']): string {
  return direction === 'minimize' ? 'lower bounds' : 'upper bounds';
}

/** Width of a marker before its name plus the gap after it. */
const KEY_PADDING = 34;

/** Arranges the entries in as few rows as the width allows. */
function layOutKey(entries: readonly KeyEntry[], width: number): KeyEntry[][] {
  const rows: KeyEntry[][] = [];
  let used = Infinity;
  for (const entry of entries) {
    used += measureText(entry.name) + KEY_PADDING;
    if (used <= width) rows.at(-1)!.push(entry);
    else {
      rows.push([entry]);
      used = measureText(entry.name) + KEY_PADDING;
    }
  }
  return rows;
}

/** Draws the key: the meaning of the markers with counts, right-aligned above the plot. */
function drawKey(rows: readonly KeyEntry[][], width: number): Markup {
  const marks = rows.flatMap((row, i) => {
    let x = width - 4;
    return row.toReversed().flatMap(({ shape, color, name }) => {
      x -= measureText(name);
      const [at, y] = [x, 14 + i * LINE_HEIGHT];
      x -= KEY_PADDING;
      return [label(name, at, y, { class: 'soft' }), drawMarker(shape, [at - 10, y - 4], color)];
    });
  });
  return join(marks);
}

function describeSearch(
  { metric, reference }: SearchData,
  settled: readonly SettledTrial[],
  improvements: readonly { number: number; value: number }[],
): string {
  const counts = states.flatMap((state) => {
    const count = settled.filter((trial) => trial.state === state).length;
    return count ? [`${formatCount(count)} ${state}`] : [];
  });
  const sentences = [`${metric.name} by trial: ${counts.join(', ')}.`];
  if (settled.some(({ state }) => state === 'pruned'))
    sentences.push(`Pruned trials are drawn as ${nameBounds(metric.direction)}.`);
  const best = improvements.at(-1);
  if (best) sentences.push(`Best ${formatNumber(best.value)} at trial ${best.number}.`);
  if (isFiniteNumber(reference?.value))
    sentences.push(`Reference (${reference.label}) ${formatNumber(reference.value)}.`);
  return sentences.join(' ');
}
