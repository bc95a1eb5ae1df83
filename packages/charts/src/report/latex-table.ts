import { createColumnFormat, formatInterval, formatNonzero, formatNumber, formatSigned } from '../text/numbers.ts';
import { type ConfirmationData, type ParameterValue, readValue, type ReportData } from './data.ts';
import { rankCompleteTrials } from './rank-complete-trials.ts';
import { computeReferenceGain, findConfirmation } from './verdict.ts';

const ROWS = 10;

/** The default fonts of LaTeX have other characters in place of <, > and |. */
const escapes: Readonly<Record<string, string>> = {
  '<': String.raw`\textless{}`,
  '>': String.raw`\textgreater{}`,
  '|': String.raw`\textbar{}`,
  '\\': String.raw`\textbackslash{}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
};

/** Escapes a text for LaTeX. */
export function escapeLatex(text: string): string {
  return text.replace(/[\\~^&%$#_{}<>|]/g, (char) => escapes[char] ?? `\\${char}`);
}

/** Renders the best trials as a LaTeX table with the rules of the package booktabs; empty without a complete trial. */
export function renderLatexTable(data: ReportData): string {
  const best = rankCompleteTrials(data).slice(0, ROWS);
  if (!best.length) return '';
  const free = data.parameters.filter(({ type }) => type !== 'constant');
  const format = createColumnFormat([...best.map(({ value }) => value), data.reference?.value ?? null]);
  const gains = data.reference ? ['Search gain', String.raw`Confirmed gain (95\,\%)`] : [];
  const head = ['Trial', escapeLatex(data.metric.name), ...gains, ...free.map(({ name }) => escapeLatex(name))];
  const rows = best.map((trial) => {
    const gain = computeReferenceGain(trial.value!, data);
    return [
      String(trial.number),
      toMath(format(trial.value!)),
      ...(data.reference
        ? [
            gain === null ? '--' : toMath(formatSigned(gain, formatNonzero(gain, format))),
            formatConfirmed(findConfirmation(trial, data)),
          ]
        : []),
      ...free.map(({ name }) => formatParameter(readValue(trial.point, name))),
    ];
  });
  return [
    '% \\usepackage{booktabs}',
    `\\begin{tabular}{${'r'.repeat(head.length - free.length)}${'l'.repeat(free.length)}}`,
    '\\toprule',
    `${head.join(' & ')} \\\\`,
    '\\midrule',
    ...rows.map((row) => `${row.join(' & ')} \\\\`),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function formatConfirmed(confirmed: ConfirmationData | undefined): string {
  if (!confirmed?.interval) return '--';
  const { mean, low, high } = formatInterval(confirmed.mean, confirmed.interval);
  return `${toMath(formatSigned(confirmed.mean, mean))} [${toMath(low)}, ${toMath(high)}]`;
}

function formatParameter(value: ParameterValue | undefined): string {
  if (value === undefined) return '--';
  return typeof value === 'number' ? toMath(formatNumber(value)) : escapeLatex(String(value));
}

/** Writes a number in math mode, with an ASCII minus and a power of ten. */
function toMath(written: string): string {
  const [digits, exponent] = written.replaceAll('−', '-').replaceAll(',', '{,}').split('e');
  return exponent === undefined ? `$${digits}$` : `$${digits} \\cdot 10^{${Number(exponent)}}$`;
}
