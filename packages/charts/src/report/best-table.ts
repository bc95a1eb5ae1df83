import { type Markup, element, text } from '../text/markup.ts';
import { createColumnFormat, formatInterval, formatNonzero, formatNumber, formatSigned } from '../text/numbers.ts';
import { listBoundValues } from './bounds.ts';
import {
  readValue,
  type ConfirmationData,
  type ImportanceData,
  type ParameterData,
  type ParameterValue,
  type ReportData,
} from './data.ts';
import { html, table } from './html.ts';
import { rankCompleteTrials } from './rank-complete-trials.ts';
import { computeReferenceGain } from './verdict.ts';

const ROWS = 10;

/** With more searched parameters, the point is one text instead of one column per parameter. */
const COLUMNS = 4;

/** With more parameters, a point lists only the most important ones, or the first if the importance is unknown. */
const NAMED = 12;

/** Draws the table of the best trials with point, value, search gain and, if it exists, confirmed gain. */
export function drawBestTable(data: ReportData): Markup {
  const all = data.parameters.filter(({ type }) => type !== 'constant');
  const free = listNamedParameters(all, data.importance ?? []);
  const unnamed = all.length - free.length;
  const best = rankCompleteTrials(data).slice(0, ROWS);
  const format = createColumnFormat([...best.map(({ value }) => value), data.reference?.value ?? null]);
  const rows = best.map(({ number, value, point }) => {
    const edges = new Set(listBoundValues(point, data.parameters).map(({ name }) => name));
    const gain = computeReferenceGain(value!, data);
    const confirmed = data.confirmations.find((entry) => entry.number === number);
    return [
      text(String(number)),
      text(format(value!)),
      ...(data.reference
        ? [
            text(gain === null ? '–' : formatSigned(gain, formatNonzero(gain, format))),
            text(confirmed ? formatConfirmation(confirmed) : '–'),
          ]
        : []),
      ...(free.length > COLUMNS
        ? [
            html(
              'span',
              { class: 'point' },
              free
                .flatMap(({ name }, i) => [
                  text(`${i ? ', ' : ''}${name} `),
                  formatCell(readValue(point, name), edges.has(name)),
                ])
                .concat(unnamed ? [text(` and ${unnamed} more`)] : []),
            ),
          ]
        : free.map(({ name }) => formatCell(readValue(point, name), edges.has(name)))),
    ];
  });
  const columns = [
    'Trial',
    data.metric.name,
    ...(data.reference ? ['Search gain', 'Confirmed gain [95 % interval]'] : []),
  ];
  const head = [...columns, ...(free.length > COLUMNS ? ['Point'] : free.map(({ name }) => name))];
  return table(head, rows, new Set(free.length > COLUMNS ? columns.keys() : head.keys()));
}

function listNamedParameters(
  parameters: readonly ParameterData[],
  importance: readonly ImportanceData[],
): readonly ParameterData[] {
  const share = new Map(importance.map((entry) => [entry.name, entry.share]));
  return parameters.length <= NAMED
    ? parameters
    : parameters.toSorted((a, b) => (share.get(b.name) ?? 0) - (share.get(a.name) ?? 0)).slice(0, NAMED);
}

function formatConfirmation({ mean, interval }: ConfirmationData): string {
  if (!interval) return `${formatSigned(mean)} (no interval)`;
  const written = formatInterval(mean, interval);
  return `${formatSigned(mean, written.mean)} [${written.low}, ${written.high}]`;
}

function formatValue(value: ParameterValue): string {
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

function formatCell(value: ParameterValue | undefined, atBound: boolean): Markup {
  const written = value === undefined ? '–' : formatValue(value);
  return atBound
    ? html('span', { class: 'edge', title: 'at a bound' }, [text(`${written}*`)])
    : element('span', {}, [text(written)]);
}
