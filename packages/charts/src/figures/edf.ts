import type { MetricData, TrialData } from '../report/data.ts';
import { formatCount, formatNumber, formatShare, isFiniteNumber, sortNumbers } from '../text/numbers.ts';
import { canUseLog, chooseExtent, createXAxis, createYAxis, type Extent, limitSize, widenExtent } from './axis.ts';
import { createAxisTip } from './b-functions.ts';
import { computeBulkExtent } from './bulk.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase, createLegend, type LegendEntry, lineIcons, measureTop } from './layout.ts';
import { chooseLineType, createLine, type LineType } from './lines.ts';
import { chooseSeriesColor } from './theme.ts';

export interface EdfData {
  readonly metric: MetricData;
  /** One line for each search. */
  readonly searches: readonly { readonly name: string; readonly trials: readonly TrialData[] }[];
}

const TITLE = 'Distribution of the values';
const HEIGHT = 280;
/** Places of a line, at most: the first, the last and evenly spread ones of the distinct values. */
const PLACES = 500;

interface Line {
  readonly name: string;
  readonly type: LineType;
  readonly count: number;
  readonly median: number;
  readonly places: readonly (readonly [value: number, share: number])[];
}

/**
 * Draws, for each search, the share of its complete trials that are at least as good as a value: the empirical
 * distribution function. A search whose line rises earlier on the good side found good values more often.
 */
export function drawEdf({ metric, searches }: EdfData, frame: Frame): Figure {
  const lines = searches.map(({ name, trials }, i) => createEdf(name, trials, metric, i)).filter(({ count }) => count);
  const bulk = computeBulkExtent(
    lines.flatMap(({ places }) => places.map(([value]) => value)),
    metric.direction,
    null,
  );
  if (!bulk) return createMessage(TITLE, 'No trial is complete.', frame);
  const log = canUseLog(frame, bulk);
  const x = log ? chooseExtent(bulk, true) : widenExtent(bulk);
  const legend = lines.map(({ name, type }): LegendEntry => ({ name, icon: lineIcons[type] }));
  const top = measureTop(legend, frame);
  const better = metric.direction === 'minimize' ? 'at most' : 'at least';
  // Just above a value of a metric that is maximized, only the trials from the next one on are at least as good.
  const step = metric.direction === 'minimize' ? 'end' : 'start';
  return {
    title: TITLE,
    description: lines
      .map(({ name, count, median }) => {
        const text = `${formatCount(count)} complete trials, median ${formatNumber(median)}.`;
        return searches.length > 1 ? `${name}: ${text}` : text;
      })
      .join(' '),
    notes: listHidden(lines, x, searches.length > 1),
    height: HEIGHT + top,
    option: {
      ...createBase(frame),
      ...createAxisTip(frame),
      legend: createLegend(legend, frame),
      grid: { left: 4, right: 16, top, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: createXAxis(frame, { name: metric.name, extent: x, log }),
      yAxis: createYAxis(frame, { name: `share of trials with ${better} this value`, extent: [0, 1] }),
      series: lines.map(({ name, type, places }, i) => ({
        ...createLine({ id: `edf:${i}`, name, color: chooseSeriesColor(frame.theme, i), type, places, step }, frame),
        showSymbol: false,
      })),
    },
    toTable: () => ({
      columns: ['search', metric.name, 'share'],
      rows: lines.flatMap(({ name, places }) =>
        places.map(([value, share]): [string, number, number] => [name, value, share]),
      ),
    }),
  };
}

/** Says which share of the trials is worse than the worst value of the scale. */
function listHidden(lines: readonly Line[], [low, high]: Extent, hasNames: boolean): string[] {
  const hidden = lines.flatMap(({ name, places }) => {
    const reached = places.filter(([value]) => value >= low && value <= high).map(([, share]) => share);
    const beyond = 1 - Math.max(0, ...reached);
    return beyond > 0 ? [`${formatShare(beyond)} of the complete trials${hasNames ? ` of ${name}` : ''}`] : [];
  });
  return hidden.length ? [`Beyond the scale: ${hidden.join(', ')}.`] : [];
}

function createEdf(name: string, trials: readonly TrialData[], { direction }: MetricData, index: number): Line {
  const complete = trials.filter(({ state, value }) => state === 'complete' && isFiniteNumber(value));
  const values = sortNumbers(complete.map(({ value }) => limitSize(value!)));
  const count = values.length;
  // The rank at which the share of a value is read: that of the last of equal values, or of the first.
  const next = direction === 'minimize' ? 1 : -1;
  const ranks = [...values.keys()].filter((rank) => values[rank] !== values[rank + next]);
  const kept = Array.from({ length: Math.min(PLACES, ranks.length) }, (_, i) =>
    ranks.length > PLACES ? ranks[Math.round((i * (ranks.length - 1)) / (PLACES - 1))]! : ranks[i]!,
  );
  // Of a metric that is maximized, the share is that of the trials from the value on.
  const measure = (rank: number): number => (direction === 'minimize' ? rank + 1 : count - rank) / count;
  const places = kept.map((rank) => [values[rank]!, measure(rank)] as const);
  return { name, type: chooseLineType(index), count, median: values[Math.floor(count / 2)] ?? Number.NaN, places };
}
