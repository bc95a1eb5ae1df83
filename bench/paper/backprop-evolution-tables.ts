import { computeLossCap } from '@gradsmith/core/objective';
import { computeMean, rankSummaries, readConfirmed, type Candidate } from './compare.ts';
import type { JobSummary, TrialSummary } from './summarize-job.ts';
import { formatMean, formatValue, type Jobs, writeRuns, writeTable } from './tables.ts';

/** A row of a table: a rule that was confirmed in a job. */
interface Row {
  name: string;
  job: JobSummary;
  candidate: Candidate;
}

/** A number of a training, and whether smaller ones are better. */
interface Measure {
  name: string;
  metric: string;
  isLoss: boolean;
  /** Accuracies are shown in percent. */
  factor: number;
  digits: number;
}

const AULC: Measure = { name: 'AULC', metric: 'aulc', isLoss: true, factor: 1, digits: 4 };
const ACCURACY: Measure = {
  name: 'accuracy, %',
  metric: 'validationAccuracy',
  isLoss: false,
  factor: 100,
  digits: 2,
};
const LOSSES: readonly Measure[] = [
  { name: 'validation loss', metric: 'validationLoss', isLoss: true, factor: 1, digits: 3 },
  { name: 'training loss of the last epoch', metric: 'finalLoss', isLoss: true, factor: 1, digits: 3 },
];

/** Writes the tables of Backprop Evolution that the finished jobs allow, as one Markdown page. */
export function writeEvolutionTables(jobs: Jobs): string {
  const sections = [writeSearches(jobs), writeEarly(jobs), writeConverged(jobs), writeRuns(jobs)];
  const head = [
    '# Backprop Evolution: measured results',
    '<!-- Written by `pnpm paper --evolution` from the files in results/evolution/. Change those, not this file. -->',
    '[The experiment](backprop-evolution.md) says what was trained. Values after ± are half a 95 % interval ' +
      '(Student’s t over the seeds). Gains are paired: both trainings of a pair start from the same weights and see ' +
      'the same batches. A positive gain is better.',
  ];
  return `${[...head, ...sections.filter((text) => text !== '')].join('\n\n')}\n`;
}

function readMetric(job: JobSummary, candidate: Candidate, metric: string): Map<number, number> {
  const confirmed = [...readConfirmed(job, candidate)];
  return new Map(
    confirmed.flatMap(([seed, { metrics }]): [number, number][] => {
      const value = metrics[metric];
      return value === undefined ? [] : [[seed, value]];
    }),
  );
}

function formatMetric({ job, candidate }: Row, { metric, factor, digits }: Measure): string {
  const values = [...readMetric(job, candidate, metric).values()];
  return formatMean(computeMean(values.map((value) => factor * value)), digits);
}

/** Returns the gain of a row over the reference of its job: plain backpropagation, or what the job file sets. */
function formatGain({ job, candidate }: Row, { metric, isLoss, factor, digits }: Measure): string {
  if (candidate === null) return '';
  const reference = readMetric(job, null, metric);
  const gains = [...readMetric(job, candidate, metric)].flatMap(([seed, value]) => {
    const other = reference.get(seed);
    return other === undefined ? [] : [factor * (isLoss ? other - value : value - other)];
  });
  return formatMean(computeMean(gains), digits);
}

function writeRows(rows: readonly Row[], measures: readonly Measure[]): string {
  return writeTable(
    ['', ...measures.flatMap(({ name }) => [name, 'gain']), 'seeds'],
    rows.map((row) => [
      row.name,
      ...measures.flatMap((measure) => [formatMetric(row, measure), formatGain(row, measure)]),
      String(readConfirmed(row.job, row.candidate).size),
    ]),
  );
}

function formatRule(trial: TrialSummary): string {
  return `\`${trial.point['rule']}\``;
}

/** Lists the confirmed points of a job, best first. */
function listConfirmed(job: JobSummary | undefined, name: (trial: TrialSummary) => string): Row[] {
  if (!job) return [];
  const best = rankSummaries(job).slice(0, job.spec.confirm.top);
  return best.map((trial) => ({ name: name(trial), job, candidate: Number(trial.id) }));
}

function describeJob({ spec }: JobSummary): string {
  if (spec.objective.kind !== 'training') return '';
  const { epochs, optimizer, dataset } = spec.objective;
  return (
    `${epochs} epochs of ${dataset.train} images; ${dataset.validation} validation images. ` +
    `Backpropagation has the learning rate ${optimizer.learningRate}, and so has every row that does not name one.`
  );
}

function formatNumber(value: unknown): string {
  return String(Number(Number(value).toPrecision(3)));
}

/** What all early trainings confirmed: they have the same fresh seeds, and backpropagation at the same rate. */
function writeEarly(jobs: Jobs): string {
  const search = jobs.get('evolution-search');
  if (!search) return '';
  const rate = (trial: TrialSummary): string => formatNumber(trial.point['learningRate']);
  const rows: Row[] = [
    { name: 'backpropagation', job: search, candidate: null },
    ...listConfirmed(search, (trial) => `evolution: ${formatRule(trial)}`),
    ...listConfirmed(jobs.get('evolution-random'), (trial) => `random: ${formatRule(trial)}`),
    ...listConfirmed(jobs.get('evolution-rate-of-rule'), (trial) => `the best rule at its own rate, ${rate(trial)}`),
    ...listConfirmed(
      jobs.get('evolution-constant'),
      (trial) => `the best constant, ${formatNumber(trial.point['constant'])} · σ′`,
    ),
  ];
  return ['## Early training, on fresh seeds', describeJob(search), writeRows(rows, [AULC, ACCURACY, ...LOSSES])].join(
    '\n\n',
  );
}

function writeConverged(jobs: Jobs): string {
  const job = jobs.get('evolution-converged');
  if (!job) return '';
  const trials = job.trials.filter(({ role }) => role === 'search');
  const rows: Row[] = [
    { name: 'backpropagation', job, candidate: null },
    ...trials.map((trial) => ({ name: formatRule(trial), job, candidate: Number(trial.id) })),
  ];
  return [
    '## Trained to convergence, on fresh seeds',
    describeJob(job),
    writeRows(rows, [ACCURACY, ...LOSSES, AULC]),
  ].join('\n\n');
}

/** How the searches went, and the best of their points. */
/** A loss is never counted as more than this: the training has diverged. */
const LOSS_CAP = computeLossCap(10);

/** Returns the AULC of a trial, and whether its training ended at the cap of the loss. */
function describeValue({ value, metrics }: TrialSummary): string {
  const isDiverged = (metrics['finalLoss'] ?? 0) > 0.999 * LOSS_CAP;
  return `${formatValue(value)}${isDiverged ? ' (diverged)' : ''}`;
}

function writeSearches(jobs: Jobs): string {
  const searches = ['evolution-search', 'evolution-random'].flatMap((name) => jobs.get(name) ?? []);
  const parts = searches.map((job) => {
    const all = job.trials.filter(({ role }) => role === 'search');
    const ranked = rankSummaries(job);
    const reference = job.trials.find(({ role }) => role === 'reference')!;
    const better = ranked.filter(({ value }) => value! < reference.value!).length;
    return [
      `### \`${job.name}\``,
      `${all.length} trials, of which ${all.length - ranked.length} were pruned. ` +
        `Backpropagation had an AULC of ${formatValue(reference.value)} on the seed of the search, and ` +
        `${better} trials had a smaller one.`,
      writeTable(
        ['trial', 'rule', 'AULC'],
        ranked.slice(0, 10).map((trial) => [trial.id, formatRule(trial), describeValue(trial)]),
      ),
    ].join('\n\n');
  });
  return parts.length ? ['## The searches', ...parts].join('\n\n') : '';
}
