import { type Markup, text } from '../text/markup.ts';
import { createColumnFormat, formatPlural } from '../text/numbers.ts';
import type { BaselineData, ReportData } from './data.ts';
import { html, table } from './html.ts';
import { formatGain, formatSetting } from './judge-shape.ts';
import { rankCompleteTrials } from './rank-complete-trials.ts';
import { findConfirmation } from './verdict.ts';

/** Draws the section about the null hypotheses: what each gained, and what the best point gained over it. */
export function drawBaselines(data: ReportData): Markup[] {
  if (!data.baselines.length) return [];
  const best = rankCompleteTrials(data)[0];
  const confirmation = best && findConfirmation(best, data);
  const reference = data.reference?.label ?? 'the reference';
  const values = data.baselines.map(({ best }) => best?.value ?? null);
  const format = createColumnFormat([best?.value ?? null, ...values]);
  const name = best ? `trial ${best.number}` : 'the best trial';
  const rows = [
    [
      text(`g of ${name}`),
      text(best ? format(best.value!) : '–'),
      text(confirmation ? formatGain(confirmation) : '–'),
      text(''),
    ],
    ...data.baselines.map((baseline) => [
      text(describeBaseline(baseline)),
      text(baseline.best ? format(baseline.best.value) : '–'),
      text(baseline.gain ? formatGain(baseline.gain) : '–'),
      text(formatGainOver(baseline, best?.number)),
    ]),
  ];
  const head = ['', `${data.metric.name} in its search`, `Gain over ${reference}`, `Gain of ${name} over it`];
  return [
    html('h2', {}, [text('Null hypotheses')]),
    table(head, rows, new Set([1, 2, 3])),
    html('p', { class: 'hint' }, [
      text('Gains are means over fresh paired seeds with half of their 95 % interval; positive is better.'),
    ]),
    html(
      'ul',
      { class: 'notes' },
      data.baselineLimits.map((limit) => html('li', {}, [text(limit)])),
    ),
  ];
}

function describeBaseline(baseline: BaselineData): string {
  const { best, budget, settled } = baseline;
  const tuned = `${settled} of ${formatPlural(budget, 'trial')}`;
  return `${best ? `Best of ${tuned}: ` : `${tuned}: `}${formatSetting(baseline)}${best?.atBound.length ? '*' : ''}`;
}

function formatGainOver({ confirmed }: BaselineData, number: number | undefined): string {
  const found = confirmed.find(({ trial }) => trial === String(number));
  return found ? formatGain({ mean: found.meanGain, interval: found.interval }) : '–';
}
