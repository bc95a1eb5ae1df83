import type { ImportanceData } from '../report/data.ts';
import { shortenText } from '../text/metrics.ts';
import { formatShare, isFiniteNumber } from '../text/numbers.ts';
import { styleAxis } from './axis.ts';
import { createMessage, type Figure, type Frame } from './figure.ts';
import { createBase } from './layout.ts';
import { chooseSeriesColor } from './theme.ts';

const ROW = 26;
const SHOWN = 20;
const TITLE = 'Importance of the parameters';

/** Note if shares overlap: total Sobol indices count an interaction for each of its parameters. */
const OVER_ALL = 'Shares overlap: their sum is above 100 %.';

/** Draws the share of each parameter in the variation of the value as bars, for the 20 largest. */
export function drawImportance(data: readonly ImportanceData[], frame: Frame): Figure {
  const all = data.filter(({ share }) => isFiniteNumber(share)).toSorted((a, b) => b.share - a.share);
  const bars = all.slice(0, SHOWN).map(({ name, share }) => ({ name, share: Math.min(1, Math.max(0, share)) }));
  if (!bars.length) return createMessage(TITLE, 'No importance has been computed.', frame);
  const style = styleAxis(frame);
  const described = bars.map(({ name, share }) => `${name} ${formatShare(share)}`).join(', ');
  return {
    title: TITLE,
    description: `Share of the variation in the value: ${described}.`,
    notes: addUpToMoreThanAll(all.map(({ share }) => share)) ? [OVER_ALL] : [],
    height: 16 + bars.length * ROW,
    option: {
      ...createBase(frame, 'none'),
      grid: { left: 4, right: 56, top: 8, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: { type: 'value', show: false, min: 0, max: Math.max(bars[0]!.share, 1e-9) },
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ name }) => name),
        axisLine: style.axisLine,
        axisTick: { show: false },
        axisLabel: {
          ...style.axisLabel,
          color: frame.theme.ink,
          interval: 0,
          hideOverlap: false,
          formatter: (name: string) => shortenText(name, frame.width * 0.4, frame.theme.fontSize),
        },
      },
      series: [
        {
          type: 'bar',
          id: 'share',
          data: bars.map(({ share }) => share),
          barWidth: '64%',
          itemStyle: { color: chooseSeriesColor(frame.theme, 0), borderRadius: [0, 2, 2, 0] },
          label: {
            show: true,
            position: 'right',
            formatter: ({ value }) => formatShare(Number(value)),
            color: frame.theme.muted,
            fontSize: frame.theme.fontSize,
            fontFamily: frame.theme.fontFamily,
          },
          silent: true,
        },
      ],
    },
    toTable: () => ({ columns: ['parameter', 'share'], rows: all.map(({ name, share }) => [name, share]) }),
  };
}

/** Whether shares overlap, both exactly and as written: `50 %` and `50 %` do not, whatever their decimals. */
function addUpToMoreThanAll(shares: readonly number[]): boolean {
  const sum = shares.reduce((total, share) => total + share, 0);
  const written = shares.reduce((total, share) => total + Math.round(100 * share), 0);
  return sum > 1.005 && written > 100;
}
