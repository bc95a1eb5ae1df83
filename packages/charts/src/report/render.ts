import { bFunctionFigure } from '../figures/b-function.ts';
import { confirmFigure } from '../figures/confirm.ts';
import { curvesFigure } from '../figures/curves.ts';
import { importanceFigure } from '../figures/importance.ts';
import { searchFigure } from '../figures/search.ts';
import { sliceFigure } from '../figures/slice.ts';
import { type Markup, element, text, trusted } from '../svg/markup.ts';
import { columnFormat, formatCount, formatInterval, plural, signed } from '../svg/numbers.ts';
import { bestTable } from './best-table.ts';
import { edgesOf } from './bounds.ts';
import type { ReportData, TrialStateData } from './data.ts';
import { html, table } from './html.ts';
import { PAGE_STYLE } from './style.ts';
import { confirmationOf, gainOver, ranked, type Verdict, verdictOf } from './verdict.ts';

/**
 * The report of a job as one HTML page: no script, no other file, nothing fetched. Equal data give an equal page. Works
 * for a job at any stage; what is not there yet is said or left out.
 */
export function renderReport(data: ReportData): string {
  const verdict = verdictOf(data);
  const head = html('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    html('title', {}, [text(`${data.title}: Gradsmith report`)]),
    html('style', {}, [trusted(PAGE_STYLE)]),
  ]);
  const main = html('main', {}, [
    ...opening(data, verdict),
    ...figures(data),
    ...bestTrials(data),
    ...howItWasRun(data),
    ...howToReproduce(data),
  ]);
  return `<!doctype html>\n${html('html', { lang: 'en' }, [head, html('body', {}, [main])])}\n`;
}

function opening(data: ReportData, verdict: Verdict): Markup[] {
  const when = data.generatedAt ? `, report of ${data.generatedAt}` : '';
  return [
    html('header', {}, [
      html('h1', {}, [text(data.title)]),
      html('p', { class: 'meta' }, [text(`Job ${data.jobId}, ${data.state}${when}`)]),
    ]),
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
    cards(data),
  ];
}

type Card = [name: string, value: string, detail: string];

function cards(data: ReportData): Markup {
  const best = ranked(data)[0];
  const gain = best ? gainOver(best.value!, data) : null;
  const confirmation = best && confirmationOf(best, data);
  const reference = data.reference?.value ?? null;
  const settled = data.trials.filter(({ state }) => state !== 'pending' && state !== 'running').length;
  const format = columnFormat([best?.value ?? null, reference]);
  const confirmed = confirmation?.interval ? formatInterval(confirmation.mean, confirmation.interval) : null;
  const gains: Card[] = [
    [
      'Backpropagation',
      reference === null ? '–' : format(reference),
      reference === null ? 'not complete' : 'same seeds',
    ],
    ['Search gain', gain === null ? '–' : signed(gain, format(gain)), 'best of many: optimistic'],
    [
      'Confirmed gain',
      confirmation ? signed(confirmation.mean, confirmed?.mean) : '–',
      confirmed
        ? `95 %: ${confirmed.low} to ${confirmed.high}`
        : confirmation
          ? 'too few pairs for an interval'
          : 'not confirmed',
    ],
  ];
  const entries: Card[] = [
    [`Best ${data.metric.name}`, best ? format(best.value!) : '–', best ? `trial ${best.number}` : 'no complete trial'],
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

/** A figure under its heading, with what it shows in a sentence. */
function section(heading: string, caption: string, ...drawn: readonly string[]): Markup[] {
  return [
    html('h2', {}, [text(heading)]),
    ...drawn.map((svg) => html('figure', {}, [trusted(svg), html('figcaption', {}, [text(caption)])])),
  ];
}

function figures(data: ReportData): Markup[] {
  const best = ranked(data);
  const curves = best.filter(({ curve }) => curve?.length).slice(0, 3);
  const reference = data.reference?.curve?.length ? { name: 'backpropagation', values: data.reference.curve } : null;
  const several = data.bFunctions.length > 1;
  const isLoss = data.curveMeaning.cap !== null;
  return [
    ...data.bFunctions.flatMap((layer, i) =>
      section(
        several ? `The b-functions found for ${layer.layer}` : 'The b-functions found',
        `What multiplies the gradient at ${layer.layer}: g(z) of the best trials, and ${layer.activation}′ of plain backpropagation (dashed).`,
        bFunctionFigure(layer, { id: `b-function-${i}` }),
      ),
    ),
    ...(curves.length
      ? section(
          isLoss ? 'Loss over training' : 'Reported values by step',
          isLoss
            ? 'Running mean of the loss per step, with the seeds of the search. The single losses are faint.'
            : `Values of ${data.metric.name} that the best trials reported.`,
          curvesFigure({
            meaning: data.curveMeaning,
            trials: curves.map(({ number, curve }) => ({ name: `trial ${number}`, values: curve! })),
            reference,
          }),
        )
      : []),
    ...section(
      'The search',
      `Each trial's ${data.metric.name}; ${data.metric.direction === 'minimize' ? 'lower' : 'higher'} is better.`,
      searchFigure(data),
    ),
    ...(data.confirmations.length
      ? section(
          'Confirmed on fresh seeds',
          'Each best point against plain backpropagation, both trained anew from the same seed. Circles: single seeds. Bar: mean and its 95 % interval.',
          confirmFigure(data),
        )
      : []),
    ...(best.length
      ? section(
          'Value by parameter',
          'Where in its range each parameter did well. A best point at the border asks for a wider range.',
          sliceFigure(data),
        )
      : []),
    ...(data.importance?.length
      ? section(
          'Importance of the parameters',
          'Share of the variation of the value, over the whole space, that involves each parameter, as the model of the trials sees it (total Sobol index).',
          importanceFigure(data.importance),
        )
      : []),
  ];
}

function bestTrials(data: ReportData): Markup[] {
  const best = ranked(data);
  if (!best.length) return [];
  const edges = best.slice(0, 10).some(({ point }) => edgesOf(point, data.parameters).length);
  return [
    html('h2', {}, [text('Best trials')]),
    bestTable(data),
    html('p', { class: 'hint' }, [
      text(
        `${data.reference ? 'Gains are over plain backpropagation; positive is better. ' : ''}${edges ? '* on the edge of its box.' : ''}`,
      ),
    ]),
  ];
}

function howItWasRun(data: ReportData): Markup[] {
  const states: TrialStateData[] = ['complete', 'pruned', 'diverged', 'failed', 'running', 'pending', 'cancelled'];
  const counts = states.flatMap((state) => {
    const count = data.trials.filter((trial) => trial.state === state).length;
    return count ? [`${formatCount(count)} ${state}`] : [];
  });
  const facts = [
    ...data.facts,
    { label: 'Trials', value: `${counts.join(', ') || 'none'}; budget ${plural(data.budget, 'trial')}` },
  ];
  const rows = facts.map(({ label, value }) => [text(label), html('span', {}, [text(value)])]);
  return [html('h2', {}, [text('How it was run')]), html('div', { class: 'facts' }, [table([], rows, new Set())])];
}

function howToReproduce({ reproduce }: ReportData): Markup[] {
  return [
    html('h2', {}, [text('How to reproduce')]),
    ...(reproduce.commands.length ? [html('pre', {}, [html('code', {}, [text(reproduce.commands.join('\n'))])])] : []),
    html('p', { class: 'hint' }, [text('The job file, complete:')]),
    html('pre', {}, [html('code', {}, [text(reproduce.jobFile)])]),
  ];
}
