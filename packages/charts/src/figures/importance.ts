import type { ImportanceData } from '../report/data.ts';
import { type FigureOptions, drawMessage, figure, label, chooseSize } from '../svg/frame.ts';
import { element } from '../svg/markup.ts';
import { shortenText, measureText } from '../svg/metrics.ts';
import { formatShare, isFiniteNumber } from '../svg/numbers.ts';

const ROW = 26;
const SHOWN = 20;

/** Height of the line below the bars, px. */
const NOTE = 20;

/** Note if shares overlap: total Sobol indices count an interaction for each of its parameters. */
const OVER_ALL = 'Shares overlap: their sum is above 100 %.';

/** Draws the share of each parameter in the variation of the value as bars, for the 20 largest. */
export function drawImportance(data: readonly ImportanceData[], options: FigureOptions = {}): string {
  const all = data.filter(({ share }) => isFiniteNumber(share)).toSorted((a, b) => b.share - a.share);
  const bars = all.slice(0, SHOWN).map(({ name, share }) => ({ name, share: Math.min(1, Math.max(0, share)) }));
  const note = addUpToMoreThanAll(all.map(({ share }) => share)) ? OVER_ALL : '';
  const { width, height } = chooseSize(options, 720, Math.max(4, bars.length) * ROW + 16 + (note ? NOTE : 0));
  const id = options.id ?? 'importance';
  const title = options.title ?? 'Importance of the parameters';
  if (!bars.length) return drawMessage(id, title, 'No importance has been computed yet.', { width, height });

  const left = Math.min(width * 0.4, Math.max(...bars.map(({ name }) => measureText(name))) + 14);
  const right = width - 56;
  const bottom = height - 8 - (note ? NOTE : 0);
  const step = (bottom - 8) / bars.length;
  const largest = Math.max(bars[0]!.share, 1e-9);
  const described = bars.map(({ name, share }) => `${name} ${formatShare(share)}`).join(', ');
  return figure({ id, title, description: `Share of the variation in the value: ${described}.`, width, height }, [
    ...bars.flatMap(({ name, share }, i) => {
      const y = 8 + (i + 0.5) * step;
      const length = ((right - left) * share) / largest;
      return [
        label(shortenText(name, left - 10), left - 10, y + 4, { anchor: 'end' }),
        element('rect', { class: 'fill c1', x: left, y: y - step * 0.32, width: length, height: step * 0.64, rx: 2 }),
        label(formatShare(share), left + length + 8, y + 4, { class: 'soft' }),
      ];
    }),
    element('line', { class: 'axis', x1: left, x2: left, y1: 8, y2: bottom }),
    ...(note ? [label(shortenText(note, width - 8), 4, height - 6, { class: 'soft' })] : []),
  ]);
}

/** Whether shares overlap, both exactly and as written: `50 %` and `50 %` do not, whatever their decimals. */
function addUpToMoreThanAll(shares: readonly number[]): boolean {
  const sum = shares.reduce((total, share) => total + share, 0);
  const written = shares.reduce((total, share) => total + Math.round(100 * share), 0);
  return sum > 1.005 && written > 100;
}
