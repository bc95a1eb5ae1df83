import { type Markup, text } from '../text/markup.ts';
import {
  createColumnFormat,
  createExactColumnFormat,
  formatCount,
  formatInterval,
  formatNonzero,
  formatNumber,
  formatPlural,
  formatSigned,
  isFiniteNumber,
} from '../text/numbers.ts';
import { drawBaselines } from './baseline-table.ts';
import { drawBestTable } from './best-table.ts';
import { listBoundValues } from './bounds.ts';
import { collectComplexity, COMPLEXITY } from './collect-complexity.ts';
import { readValue, type ParetoData, type ReportData, type TrialStateData } from './data.ts';
import { describeDivergedRuns, describeDivergence, hasDivergedSeeds } from './describe-divergence.ts';
import { drawFigures } from './figures.ts';
import { html, table } from './html.ts';
import { renderPage } from './page.ts';
import { countSettled, rankCompleteTrials } from './rank-complete-trials.ts';
import { findConfirmation, computeReferenceGain, type Verdict, computeVerdict } from './verdict.ts';

/**
 * Renders the report of a job as one self-contained HTML page without scripts. Equal data give an equal page. Works for
 * a job in any state; missing data are mentioned or omitted.
 */
export function renderReport(data: ReportData): string {
  const verdict = computeVerdict(data);
  return renderPage(data.title, [
    ...drawOpening(data, verdict),
    ...drawFigures(data),
    ...drawBaselines(data),
    ...drawBestTrials(data),
    ...drawFrontTable(data),
    ...drawFormulas(data),
    ...drawFacts(data),
    ...drawReproduction(data),
  ]);
}

function drawOpening(data: ReportData, verdict: Verdict): Markup[] {
  const when = data.generatedAt ? `, report of ${data.generatedAt}` : '';
  return [
    html('header', {}, [
      html('h1', {}, [text(data.title)]),
      html('p', { class: 'meta' }, [text(`Job ${data.jobId}, ${data.state}${when}`)]),
    ]),
    // What the null hypotheses leave of a gain comes first.
    ...(verdict.shape
      ? [html('p', { class: `verdict ${verdict.shape.outcome}` }, [text(verdict.shape.sentence)])]
      : []),
    html('p', { class: `verdict ${verdict.outcome}` }, [text(verdict.sentence)]),
    ...(verdict.notes.length
      ? [
          html(
            'ul',
            { class: 'notes' },
            verdict.notes.map((note) => html('li', {}, [text(note)])),
          ),
        ]
      : []),
    drawCards(data),
  ];
}

type Card = [name: string, value: string, detail: string];

function drawCards(data: ReportData): Markup {
  const best = rankCompleteTrials(data)[0];
  const gain = best ? computeReferenceGain(best.value!, data) : null;
  const confirmation = best && findConfirmation(best, data);
  const reference = data.reference?.value ?? data.reference?.divergence?.value ?? null;
  const settled = countSettled(data.trials);
  const format = createColumnFormat([best?.value ?? null, reference]);
  const confirmed = confirmation?.interval ? formatInterval(confirmation.mean, confirmation.interval) : null;
  const noInterval = confirmation ? 'too few pairs for an interval' : 'not confirmed';
  const gains: Card[] = [
    describeReferenceCard(data.reference, format),
    ['Search gain', gain === null ? '–' : formatSigned(gain, formatNonzero(gain, format)), describeSearchGain(data)],
    [
      'Confirmed gain',
      confirmation ? formatSigned(confirmation.mean, confirmed?.mean) : '–',
      (confirmed ? `95 %: ${confirmed.low} to ${confirmed.high}` : noInterval) + describeDivergedSeeds(data),
    ],
  ];
  const entries: Card[] = [
    data.pareto
      ? describeFrontCard(data.pareto)
      : [
          `Best ${data.metric.name}`,
          best ? format(best.value) : '–',
          best ? `trial ${best.number}` : 'no complete trial',
        ],
    ...(data.reference ? gains : []),
    ['Trials', formatCount(settled), `of ${formatCount(data.budget)}`],
  ];
  return html(
    'dl',
    { class: 'cards' },
    entries.map(([name, value, detail]) =>
      html('div', {}, [html('dt', {}, [text(name)]), html('dd', {}, [text(value), html('small', {}, [text(detail)])])]),
    ),
  );
}

function describeReferenceCard(reference: ReportData['reference'], format: (value: number) => string): Card {
  if (isFiniteNumber(reference?.value)) return ['Reference', format(reference.value), `${reference.label}, same seeds`];
  const diverged = reference?.divergence?.value;
  if (isFiniteNumber(diverged)) return ['Reference', format(diverged), `${reference!.label}, diverged`];
  return ['Reference', '–', 'not complete'];
}

function describeSearchGain({ reference }: ReportData): string {
  return isFiniteNumber(reference?.divergence?.value) ? 'the reference diverged' : 'best of many: optimistic';
}

/** Says next to a confirmed gain how often the reference diverged under its seeds. */
function describeDivergedSeeds({ reference, confirmations }: ReportData): string {
  const divergence = reference?.divergence;
  if (!confirmations.length || !hasDivergedSeeds(divergence)) return '';
  return `; the reference ${describeDivergedRuns({ ...divergence, value: null })!}`;
}

function describeFrontCard({ outcomes, hypervolume }: ParetoData): Card {
  const front = outcomes.filter(({ kind }) => kind === 'front').length;
  return ['Pareto front', formatPlural(front, 'trial'), `hypervolume ${formatNumber(hypervolume)}`];
}

/** Trials of the front that are listed. */
const LISTED = 50;

function drawFrontTable({ pareto }: ReportData): Markup[] {
  const front = pareto?.outcomes.filter(({ kind }) => kind === 'front') ?? [];
  if (!pareto || !front.length) return [];
  const sign = pareto.objectives[0]!.direction === 'minimize' ? 1 : -1;
  const sorted = front.toSorted((a, b) => sign * (a.values[0]! - b.values[0]!) || a.number - b.number);
  const formats = pareto.objectives.map((_, m) => createExactColumnFormat(front.map(({ values }) => values[m]!)));
  const rows = sorted
    .slice(0, LISTED)
    .map(({ number, values }) => [text(`trial ${number}`), ...values.map((value, m) => text(formats[m]!(value)))]);
  const columns = ['trial', ...pareto.objectives.map(({ name }) => name)];
  return [html('h2', {}, [text('Trials on the Pareto front')]), table(columns, rows, new Set(columns.keys().drop(1)))];
}

/** Draws the table of the formulas that no simpler one is as good as, the simplest first. */
function drawFormulas(data: ReportData): Markup[] {
  const complexity = collectComplexity(data);
  if (!complexity) return [];
  const points = new Map(data.trials.map(({ number, point }) => [number, point]));
  const names = data.parameters.filter(({ type }) => type === 'program').map(({ name }) => name);
  const front = complexity.outcomes.filter(({ kind }) => kind === 'front').toReversed();
  const format = createExactColumnFormat(front.map(({ values }) => values[1]!));
  const rows = front.map(({ number, values }) => [
    text(`trial ${number}`),
    text(formatCount(values[0]!)),
    text(format(values[1]!)),
    ...names.map((name) =>
      html('span', { class: 'point' }, [text(String(readValue(points.get(number)!, name) ?? '–'))]),
    ),
  ]);
  const columns = ['trial', COMPLEXITY, data.metric.name, ...names];
  return [html('h2', {}, [text('The simplest formulas')]), table(columns, rows, new Set([1, 2]))];
}

function drawBestTrials(data: ReportData): Markup[] {
  const best = rankCompleteTrials(data);
  if (!best.length) return [];
  const hasBoundValues = best.slice(0, 10).some(({ point }) => listBoundValues(point, data.parameters).length);
  const notes: string[] = [];
  if (data.reference) notes.push(`Gains are over ${data.reference.name}; positive is better.`);
  const divergence = data.reference && describeDivergence(data.reference.name, data.reference.divergence);
  if (divergence) notes.push(divergence);
  if (hasBoundValues) notes.push('* at a bound.');
  return [
    html('h2', {}, [text('Best trials')]),
    drawBestTable(data),
    html('p', { class: 'hint' }, [text(notes.join(' '))]),
  ];
}

function drawFacts(data: ReportData): Markup[] {
  const states: TrialStateData[] = [
    'complete',
    'infeasible',
    'pruned',
    'diverged',
    'failed',
    'running',
    'pending',
    'cancelled',
  ];
  const counts = states.flatMap((state) => {
    const count = data.trials.filter((trial) => trial.state === state).length;
    return count ? [`${formatCount(count)} ${state}`] : [];
  });
  const facts = [
    ...data.facts,
    { label: 'Trials', value: `${counts.join(', ') || 'none'}; budget ${formatPlural(data.budget, 'trial')}` },
  ];
  const rows = facts.map(({ label, value }) => [text(label), html('span', {}, [text(value)])]);
  return [html('h2', {}, [text('How it was run')]), html('div', { class: 'facts' }, [table([], rows, new Set())])];
}

function drawReproduction({ reproduce }: ReportData): Markup[] {
  return [
    html('h2', {}, [text('How to reproduce')]),
    ...(reproduce.commands.length ? [html('pre', {}, [html('code', {}, [text(reproduce.commands.join('\n'))])])] : []),
    ...reproduce.notes.map((note) => html('p', {}, [text(note)])),
    html('p', { class: 'hint' }, [text('The job file, complete:')]),
    html('pre', {}, [html('code', {}, [text(reproduce.jobFile)])]),
  ];
}
