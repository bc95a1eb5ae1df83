import { type Markup, element, text } from '../svg/markup.ts';
import { formatNumber, formatSigned } from '../svg/numbers.ts';
import type { ConfirmationData, ParameterValue, ReportData } from './data.ts';
import { edgesOf } from './edges.ts';
import { html, table } from './html.ts';
import { gainOver, ranked } from './verdict.ts';

const ROWS = 10;

/** The best trials with point, value, the gain the search saw and, where there is one, the confirmed gain. */
export function bestTable(data: ReportData): Markup {
  const free = data.parameters.filter(({ type }) => type !== 'constant');
  const rows = ranked(data).slice(0, ROWS).map(({ number, value, point }) => {
    const edges = new Set(edgesOf(point, data.parameters).map(({ name }) => name));
    const gain = gainOver(value!, data);
    const confirmed = data.confirmations.find((entry) => entry.number === number);
    return [
      text(String(number)),
      text(formatNumber(value!)),
      text(gain === null ? '–' : formatSigned(gain)),
      text(confirmed ? confirmedText(confirmed) : '–'),
      ...free.map(({ name }) => cell(point[name], edges.has(name))),
    ];
  });
  const head = ['Trial', data.metric.name, 'Search gain', 'Confirmed gain [95 % interval]', ...free.map(({ name }) => name)];
  return table(head, rows, new Set(head.keys()));
}

function confirmedText({ mean, interval }: ConfirmationData): string {
  return interval ? `${formatSigned(mean)} [${formatNumber(interval[0])}, ${formatNumber(interval[1])}]` : `${formatSigned(mean)} (one pair)`;
}

function cell(value: ParameterValue | undefined, onEdge: boolean): Markup {
  const written = value === undefined ? '–' : typeof value === 'number' ? formatNumber(value) : String(value);
  return onEdge ? html('span', { class: 'edge', title: 'on the edge of its box' }, [text(`${written}*`)]) : element('span', {}, [text(written)]);
}
