import { type Markup, text } from '../text/markup.ts';
import { createColumnFormat, formatCount, formatInterval, formatSigned, isFiniteNumber } from '../text/numbers.ts';
import type { MetricData, ReportData } from './data.ts';
import { describeComparison } from './describe-comparison.ts';
import { drawSection } from './figures.ts';
import { html, table } from './html.ts';
import { joinLayers } from './join-layers.ts';
import { listBestSoFar } from './list-best-so-far.ts';
import { nameTrial } from './name-point.ts';
import { renderPage } from './page.ts';
import { countSettled, rankCompleteTrials } from './rank-complete-trials.ts';
import { computeReferenceGain, findConfirmation } from './verdict.ts';

/** A setting, and its value in each job. */
interface SettingData {
  readonly path: string;
  readonly values: readonly string[];
}

export interface ComparisonData {
  /** At least two. Equal titles get the end of the id, and then the place. */
  readonly jobs: readonly ReportData[];
  /** The settings in which they differ; see `listDifferences`. */
  readonly differences: readonly SettingData[];
}

/** Settings that are listed. */
const LISTED = 200;

/**
 * Renders the comparison of jobs as one self-contained HTML page without scripts. Figures have only jobs whose values
 * can be compared: those with one objective and the metric of the first such job.
 */
export function renderComparison({ jobs, differences }: ComparisonData): string {
  const names = nameJobs(jobs);
  const named = jobs.map((job, i): NamedJob => ({ name: names[i]!, job }));
  const single = named.filter(({ job }) => !job.pareto);
  const compared = single.filter(({ job }) => isSame(job.metric, single[0]!.job.metric));
  const when = jobs[0]!.generatedAt ? `, report of ${jobs[0]!.generatedAt}` : '';
  return renderPage(`${formatCount(jobs.length)} jobs`, [
    html('header', {}, [
      html('h1', {}, [text(`Comparison of ${formatCount(jobs.length)} jobs`)]),
      html('p', { class: 'meta' }, [text(`${names.join(', ')}${when}`)]),
    ]),
    ...drawVerdict(compared),
    ...drawGains(named),
    ...drawDifferences(names, differences),
    ...drawLeftOut(named, compared),
    ...drawSearches(compared),
    ...drawBFunctions(compared),
    ...drawCurves(compared),
  ]);
}

interface NamedJob {
  readonly name: string;
  readonly job: ReportData;
}

/** Returns a name for each job: its title, with as much of its id, or its place, as no other job has. */
function nameJobs(jobs: readonly ReportData[]): string[] {
  const titles = jobs.map(({ title }) => title);
  const withId = completeNames(titles, (i) => ` …${jobs[i]!.jobId.slice(-4)}`);
  // The same job may be given twice, for example as it is now and as it was exported before.
  return completeNames(withId, (i) => ` (${i + 1})`);
}

/** Adds to the names that several have. */
function completeNames(names: readonly string[], describe: (i: number) => string): string[] {
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : name + describe(i)));
}

function isSame(a: MetricData, b: MetricData): boolean {
  return a.name === b.name && a.direction === b.direction;
}

function drawVerdict(compared: readonly NamedJob[]): Markup[] {
  if (!compared.length) return [];
  const results = compared.map(({ name, job }) => {
    const best = rankCompleteTrials(job)[0];
    const confirmed = (best && findConfirmation(best, job)) ?? null;
    const { value = null, name: trains = '', divergence } = job.reference ?? {};
    const diverged = divergence ? { name: trains, divergence } : null;
    return { name, best: best?.value ?? null, reference: value, confirmed, diverged };
  });
  const sentences = describeComparison(compared[0]!.job.metric, results);
  return sentences.length ? [html('p', {}, [text(sentences.join(' '))])] : [];
}

function drawGains(jobs: readonly NamedJob[]): Markup[] {
  const metrics = new Set(jobs.map(({ job }) => job.metric.name));
  const rows = jobs.map(({ name, job }) => {
    const shown = job.state === 'completed' ? name : `${name} (${job.state})`;
    return [shown, ...describeGains(job, metrics.size > 1)].map((cell) => text(cell));
  });
  const best = metrics.size > 1 ? 'Best' : `Best ${[...metrics][0]}`;
  const columns = ['Job', 'Trials', best, 'Reference', 'Search gain', 'Confirmed gain', '95 % interval'];
  return [
    html('h2', {}, [text('Gains')]),
    table(columns, rows, new Set(columns.keys().drop(1))),
    html('p', { class: 'hint' }, [
      text('The search gain is that of the best of many trials: optimistic. Confirmed gains are from fresh seeds.'),
    ]),
  ];
}

function describeGains(job: ReportData, withMetric: boolean): string[] {
  const settled = countSettled(job.trials);
  const best = job.pareto ? undefined : rankCompleteTrials(job)[0];
  const reference = job.reference?.value ?? null;
  const format = createColumnFormat([best?.value ?? null, reference]);
  const gain = best ? computeReferenceGain(best.value!, job) : null;
  const confirmation = best && findConfirmation(best, job);
  const interval = confirmation?.interval ? formatInterval(confirmation.mean, confirmation.interval) : null;
  return [
    `${formatCount(settled)} of ${formatCount(job.budget)}`,
    best ? [...(withMetric ? [job.metric.name] : []), format(best.value)].join(' ') : '–',
    describeReference(job.reference, format),
    gain === null ? '–' : formatSigned(gain),
    confirmation ? formatSigned(confirmation.mean, interval?.mean) : '–',
    interval ? `${interval.low} to ${interval.high}` : '–',
  ];
}

function describeReference(reference: ReportData['reference'], format: (value: number) => string): string {
  if (isFiniteNumber(reference?.value)) return format(reference.value);
  return isFiniteNumber(reference?.divergence?.value) ? 'diverged' : '–';
}

function drawLeftOut(jobs: readonly NamedJob[], compared: readonly NamedJob[]): Markup[] {
  const left = jobs.filter((job) => !compared.includes(job)).map(({ name }) => name);
  if (!left.length) return [];
  const reason = 'they have another metric, or several objectives';
  return [html('p', { class: 'hint' }, [text(`Figures leave out ${left.join(', ')}, because ${reason}.`)])];
}

function drawSearches(compared: readonly NamedJob[]): Markup[] {
  const searched = compared.filter(({ job }) => rankCompleteTrials(job).length > 0);
  if (!searched.length) return [];
  const { metric } = searched[0]!.job;
  return [
    ...drawSection({
      heading: `Best ${metric.name} so far`,
      caption: 'The best value after each trial, with the seeds of the search.',
      kind: 'curves',
      data: {
        meaning: { quantity: `best ${metric.name} so far`, cap: null, isArea: false, axis: 'trial', isStepped: true },
        trials: searched.map(({ name, job: { trials } }) => {
          const ordered = trials.toSorted((a, b) => a.number - b.number);
          return {
            name,
            steps: ordered.map(({ number }) => number),
            values: listBestSoFar(ordered, metric.direction),
          };
        }),
        reference: null,
      },
    }),
    ...drawSection({
      heading: 'Distribution of the values',
      caption: 'How often each search found values this good.',
      kind: 'edf',
      data: { metric, searches: searched.map(({ name, job }) => ({ name, trials: job.trials })) },
    }),
  ];
}

function drawBFunctions(compared: readonly NamedJob[]): Markup[] {
  return joinLayers(compared.map(({ name, job }) => ({ name, layers: job.bFunctions }))).flatMap((layer) =>
    drawSection({
      heading: `Best b-functions of ${layer.layer}`,
      caption: `g(z) of the best trial of each job, and ${layer.activation}′ of plain backpropagation (dashed).`,
      kind: 'b-functions',
      data: layer,
    }),
  );
}

function drawCurves(compared: readonly NamedJob[]): Markup[] {
  const meaning = compared[0]?.job.curveMeaning;
  const trials = compared.flatMap(({ name, job }) => {
    const best = rankCompleteTrials(job)[0];
    const isComparable = job.curveMeaning.quantity === meaning?.quantity && job.curveMeaning.cap === meaning.cap;
    return best?.curve?.length && isComparable
      ? [{ name: `${name}, ${nameTrial(best.number, undefined)}`, values: best.curve }]
      : [];
  });
  if (!meaning || !trials.length) return [];
  return drawSection({
    heading: meaning.cap === null ? 'Reported values of the best trials' : 'Loss of the best trials',
    caption: 'The best trial of each job, with the seeds of its search.',
    kind: 'curves',
    data: { meaning: { ...meaning, isArea: false }, trials, reference: null },
  });
}

function drawDifferences(names: readonly string[], differences: readonly SettingData[]): Markup[] {
  const rows = differences.slice(0, LISTED).map(({ path, values }) => [path, ...values].map((cell) => text(cell)));
  const more = differences.length - rows.length;
  return [
    html('h2', {}, [text('Settings that differ')]),
    differences.length
      ? html('div', { class: 'facts' }, [table(['Setting', ...names], rows, new Set())])
      : html('p', {}, [text('The jobs have the same settings.')]),
    ...(more > 0 ? [html('p', { class: 'hint' }, [text(`and ${formatCount(more)} more`)])] : []),
  ];
}
