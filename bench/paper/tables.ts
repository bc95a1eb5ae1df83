import {
  computeMean,
  pairMetric,
  pairValues,
  rankSummaries,
  readConfirmed,
  type Candidate,
  type Mean,
} from './compare.ts';
import type { JobSummary, TrialSummary } from './summarize-job.ts';

export type Jobs = ReadonlyMap<string, JobSummary>;

/** Writes every table that the finished jobs allow, as one Markdown page. */
export function writeTables(jobs: Jobs): string {
  const sections = [
    writeGaussians(jobs),
    writeSearch(jobs, 'Experiment 3.2: CIFAR-10', 'paper-3.2'),
    writeSearch(jobs, 'MNIST, MLP', 'paper-mnist-mlp'),
    writeSearch(jobs, 'MNIST, CNN', 'paper-mnist-cnn'),
    writeFeedback(jobs, MNIST_FEEDBACK),
    writeFeedback(jobs, CIFAR_FEEDBACK),
    writeRepetitions(jobs, 'Transfer of the best b-function of 3.2', 'paper-transfer-'),
    writeRepetitions(jobs, 'GELU′ in every ReLU', 'paper-gelu'),
    writeLayers(jobs),
    writeRepetitions(jobs, 'The catalogue in both layers at once', 'paper-both-'),
    writeRates(jobs),
    writeRuns(jobs),
  ];
  const head = [
    '# Measured results',
    '<!-- Written by `pnpm paper` from the files in results/. Change those, not this file. -->',
    'Values after ± are half a 95 % interval (Student’s t over the seeds). ' +
      'Gains are paired: both trainings of a pair ' +
      'start from the same weights and see the same batches. A positive gain is better.',
  ];
  return `${[...head, ...sections.filter((text) => text !== '')].join('\n\n')}\n`;
}

/** Writes a table in Markdown. */
export function writeTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Formats a number with a real minus sign; a dash if there is none. */
export function formatValue(value: number | null | undefined, digits = 4): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits).replace('-', '−');
}

/** Formats a mean and half its interval. */
export function formatMean(mean: Mean | null, digits = 4): string {
  if (!mean) return '–';
  const { half } = mean;
  return `${formatValue(mean.mean, digits)}${half === null ? '' : ` ± ${formatValue(half, digits)}`}`;
}

/** Writes a table for each dimension of experiment 3.1: the catalogue over the seeds. */
function writeGaussians(jobs: Jobs): string {
  const runs = [...jobs.values()].filter(({ name }) => name.startsWith('paper-3.1-'));
  const dimensions = [...new Set(runs.map(({ name }) => Number(/d(\d+)/.exec(name)![1])))].sort((a, b) => a - b);
  const parts = dimensions.map((dimension) => {
    const same = runs.filter(({ name }) => name.includes(`-d${dimension}-`));
    const kinds = [...new Set(same.flatMap(listKinds))];
    const rows = kinds.map((kind) => describeKind(same, kind)).sort((a, b) => b.order - a.order);
    const reference = computeMean(same.map((job) => findReference(job)!.value!));
    const loss = computeMean(same.map((job) => findReference(job)!.metrics['finalLoss']!));
    return [
      `### Input dimension ${dimension}, ${same.length} seeds`,
      `Backpropagation: AULC ${formatMean(reference)}, final loss ${formatMean(loss)}.`,
      writeTable(
        ['derivative in FC2', 'gain in AULC', 'gain in final loss', 'mean cosine', 'smallest cosine', 'cosine > 0'],
        rows.map(({ cells }) => cells),
      ),
    ].join('\n\n');
  });
  return parts.length ? ['## Experiment 3.1: two Gaussians', ...parts].join('\n\n') : '';
}

function listKinds({ trials }: JobSummary): string[] {
  return trials.flatMap(({ role, point }) => (role === 'search' ? [String(point['derivative'])] : []));
}

function findReference({ trials }: JobSummary): TrialSummary | undefined {
  return trials.find(({ role }) => role === 'reference');
}

function describeKind(jobs: readonly JobSummary[], kind: string): { order: number; cells: string[] } {
  const pairs = jobs.flatMap((job) => {
    const trial = job.trials.find(({ role, point }) => role === 'search' && point['derivative'] === kind);
    const reference = findReference(job);
    return trial && reference && trial.value !== null && reference.value !== null ? [{ trial, reference }] : [];
  });
  const readMetric = (name: string): number[] => pairs.flatMap(({ trial }) => trial.metrics[name] ?? []);
  const gain = computeMean(pairs.map(({ trial, reference }) => reference.value! - trial.value!));
  const finalGain = computeMean(
    pairs.map(({ trial, reference }) => reference.metrics['finalLoss']! - trial.metrics['finalLoss']!),
  );
  const smallest = readMetric('cosine.least').reduce((least, value) => Math.min(least, value), 1);
  const positive = computeMean(readMetric('cosine.positive'));
  const cells = [
    kind,
    formatMean(gain),
    formatMean(finalGain),
    formatMean(computeMean(readMetric('cosine.mean')), 3),
    formatValue(smallest, 2),
    positive ? `${(100 * positive.mean).toFixed(0)} %` : '–',
  ];
  return { order: gain?.mean ?? -Infinity, cells };
}

/** A row of a fresh-seed table: its name, and what was confirmed where. */
interface Row {
  name: string;
  job: JobSummary;
  candidate: Candidate;
}

function writeSearch(jobs: Jobs, title: string, name: string): string {
  const job = jobs.get(name);
  if (!job) return '';
  const joint = jobs.get(`${name}-joint`);
  const unshaped = jobs.get(`${name}-unshaped`);
  const best = rankSummaries(job).slice(0, job.spec.confirm.top);
  const rows: Row[] = [
    { name: 'backpropagation', job, candidate: null },
    ...best.map((trial) => ({
      name: `b-function, trial ${trial.id}: ${describePoint(trial.point)}`,
      job,
      candidate: Number(trial.id),
    })),
    ...['constant', 'learning-rate'].map((each) => ({ name: describeBaseline(job, each), job, candidate: each })),
    ...(joint ? [describeJoint(joint)] : []),
    ...(unshaped ? [describeUnshaped(unshaped)] : []),
  ];
  const over = (row: Row, other: Candidate): string =>
    formatMean(computeMean(pairValues(readConfirmed(row.job, row.candidate), readConfirmed(job, other))));
  const isSame = (row: Row, other: Candidate): boolean => row.job === job && row.candidate === other;
  const others: Candidate[] = [null, 'constant', 'learning-rate'];
  const measureAccuracy = (row: Row): string => {
    const gains = pairMetric(readConfirmed(job, null), readConfirmed(row.job, row.candidate), 'validationAccuracy');
    return formatMean(computeMean(gains.map((gain) => 100 * gain)), 1);
  };
  return [
    `## ${title}`,
    describeTraining(job),
    writeTable(
      [
        'on fresh seeds',
        'AULC',
        'gain over backpropagation',
        'over the best constant',
        'over the best rate',
        'gain in validation accuracy over backpropagation, points',
      ],
      rows.map((row) => [
        row.name,
        formatMean(
          computeMean([...readConfirmed(row.job, row.candidate).values()].flatMap(({ value }) => value ?? [])),
        ),
        ...others.map((other) => (isSame(row, other) ? '' : over(row, other))),
        isSame(row, null) ? '' : measureAccuracy(row),
      ]),
    ),
  ].join('\n\n');
}

function describePoint(point: TrialSummary['point']): string {
  const read = (weight: string): number => {
    const found = Object.entries(point).find(([name]) => name.endsWith(`.${weight}`));
    return Number(found?.[1]);
  };
  const [u, b, v, d] = ['u', 'b', 'v', 'd'].map((weight) => formatValue(read(weight), 2));
  return `${v}·tanh(${u}·z + ${b}) + ${d}`.replaceAll('+ −', '− ');
}

function describeBaseline({ trials }: JobSummary, name: string): string {
  const tuned = trials.filter(
    ({ role, baseline, value }) => role === 'baseline' && baseline === name && value !== null,
  );
  const [best] = tuned.sort((a, b) => a.value! - b.value!);
  const value = Object.values(best?.point ?? {})[0];
  const shown = typeof value === 'number' ? Number(value.toPrecision(3)) : '–';
  return name === 'constant' ? `best constant, ${shown} · σ′` : `best learning rate, ${shown}`;
}

function describeJoint(job: JobSummary): Row {
  const [best] = rankSummaries(job);
  const rate = Number(Number(best!.point['learningRate']).toPrecision(3));
  return { name: `jointly: rate ${rate}, ${describePoint(best!.point)}`, job, candidate: Number(best!.id) };
}

/** The joint point without its shape. */
function describeUnshaped(job: JobSummary): Row {
  const { objective } = job.spec;
  const rate = objective.kind === 'training' ? objective.optimizer.learningRate : 0;
  const constant = Number(job.trials.find(({ role }) => role === 'search')!.point['constant']);
  const [shownRate, shown] = [rate, constant].map((value) => Number(value.toPrecision(3)));
  return { name: `without the shape: rate ${shownRate}, ${shown} · σ′`, job, candidate: 0 };
}

function describeTraining({ spec }: JobSummary): string {
  if (spec.objective.kind !== 'training') return '';
  const { dataset, network, optimizer, epochs, batchSize } = spec.objective;
  const { budget } = spec.confirm;
  const counts = [
    `${spec.search.trials} trials`,
    ...(budget ? [`${budget} for each null hypothesis`] : []),
    ...(spec.confirm.seeds ? [`${spec.confirm.seeds} fresh seeds`] : []),
  ];
  const width = 'width' in network ? ` at width ${network.width}` : '';
  return (
    `${network.name ?? 'custom network'}${width}, ${dataset.train} images, ${epochs} epochs, ` +
    `batches of ${batchSize}, ` +
    `${optimizer.name} with learning rate ${optimizer.learningRate}; ${counts.join(', ')}.`
  );
}

/** A comparison of feedback alignment and its relatives. */
interface FeedbackTable {
  title: string;
  prefix: string;
  /** Published test errors in percent by method. */
  published: Readonly<Record<string, string>>;
  /** Where the published errors come from. */
  source: string;
}

/** Published errors are those of BioTorch (Sanfiz and Akrout 2021): the table of its file Benchmarks.md. */
const MNIST_FEEDBACK: FeedbackTable = {
  title: 'Feedback alignment and its relatives on MNIST',
  prefix: 'paper-feedback-',
  published: {
    backpropagation: '0.91',
    'feedback-alignment': '1.7',
    'direct-feedback-alignment': '1.61',
    'sign-symmetry': '0.94',
  },
  source: 'LeNet, 60,000 images and 100 epochs',
};

const CIFAR_FEEDBACK: FeedbackTable = {
  title: 'Feedback alignment and its relatives on CIFAR-10',
  prefix: 'paper-cifar-feedback-',
  published: {
    backpropagation: '14.23 / 8.63',
    'feedback-alignment': '46.69 / 32.16',
    'direct-feedback-alignment': '54.21 / 45.94',
    'sign-symmetry': '16.22 / 10.05',
  },
  source: 'LeNet / ResNet-20 with SGD, 45,000 images',
};

function writeFeedback(jobs: Jobs, { title, prefix, published, source }: FeedbackTable): string {
  const runs = [...jobs.values()].filter(({ name }) => name.startsWith(prefix));
  if (!runs.length) return '';
  const reference = jobs.get(`${prefix}backpropagation`);
  const rows = runs.map((job) => {
    const method = job.name.replace(prefix, '');
    return [method, ...describeMethod(job, reference), published[method] ?? '–'];
  });
  return [
    `## ${title}`,
    `${describeTraining(runs[0]!)} The learning rate of each method is searched. The published errors are those of ` +
      `BioTorch (Sanfiz and Akrout 2021) for ${source}, so only the order can be compared.`,
    writeTable(
      ['method', 'rate', 'error, %', 'gain in accuracy over backpropagation, points', 'published error, %'],
      rows,
    ),
  ].join('\n\n');
}

/** Returns the rate of a method, its error, and its gain in accuracy over backpropagation. */
function describeMethod(job: JobSummary, reference: JobSummary | undefined): string[] {
  const [best] = rankSummaries(job);
  const own = readConfirmed(job, Number(best!.id));
  const errors = [...own.values()].flatMap(({ value }) => (value === null ? [] : [100 * (1 - value)]));
  const rate = Number(Number(best!.point['learningRate']).toPrecision(2));
  const cells = [String(rate), formatMean(computeMean(errors), 2)];
  if (!reference || job === reference) return [...cells, ''];
  const gain = pairValues(readConfirmed(reference, Number(rankSummaries(reference)[0]!.id)), own);
  return [...cells, formatMean(computeMean(gain.map((each) => 100 * each)), 2)];
}

function writeRepetitions(jobs: Jobs, title: string, prefix: string): string {
  const runs = [...jobs.values()].filter(({ name }) => name.startsWith(prefix));
  if (!runs.length) return '';
  const rows = runs.map((job) => {
    const own = readConfirmed(job, 0);
    const reference = readConfirmed(job, null);
    const values = [...reference.values()].flatMap(({ value }) => value ?? []);
    return [
      job.name.replace(prefix, '') || job.name,
      formatMean(computeMean(values)),
      formatMean(computeMean(pairValues(own, reference))),
      String(own.size),
    ];
  });
  return [`## ${title}`, writeTable(['where', 'AULC of backpropagation', 'gain', 'seeds'], rows)].join('\n\n');
}

function writeLayers(jobs: Jobs): string {
  const runs = [...jobs.values()].filter(({ name }) => name.startsWith('paper-layers-'));
  if (!runs.length) return '';
  const layers = [...new Set(runs.map(({ name }) => /relu\d+/.exec(name)![0]))];
  const kinds = [...new Set(runs.flatMap(listKinds))];
  const rows = kinds
    .map((kind) =>
      layers.map((layer) =>
        describeKind(
          runs.filter(({ name }) => name.includes(layer)),
          kind,
        ),
      ),
    )
    .sort((a, b) => b[0]!.order - a[0]!.order)
    .map((cells) => [cells[0]!.cells[0]!, ...cells.map((each) => each.cells[1]!)]);
  return [
    '## The catalogue by layer',
    describeTraining(runs[0]!),
    writeTable(['derivative', ...layers.map((layer) => `gain in ${layer}`)], rows),
  ].join('\n\n');
}

/** Writes what the best b-functions were as learning rates at the end of their trainings (equation 4). */
function writeRates(jobs: Jobs): string {
  const rows = [...jobs.values()].flatMap((job) => {
    const [best] = rankSummaries(job);
    const read = (part: string): number | undefined =>
      Object.entries(best?.metrics ?? {}).find(([name]) => name.startsWith('beta.') && name.endsWith(`.${part}`))?.[1];
    if (read('p50') === undefined || job.spec.search.algorithm !== 'gp') return [];
    const quantiles = ['p05', 'p25', 'p50', 'p75', 'p95'].map((part) => formatValue(read(part)));
    return [[job.name, best!.id, ...quantiles, `${(100 * read('dead')!).toFixed(0)} %`]];
  });
  if (!rows.length) return '';
  const where = 'σ′ = 0 and g ≠ 0';
  return [
    '## The best b-functions as learning rates',
    'Quantiles of β(z) = α·g(z)/σ′(z) over the inputs of the layer where σ′ is not 0, for the first 100 ' +
      'training images at the end of the training. Where σ′ = 0, β does not exist.',
    writeTable(['job', 'trial', '5 %', '25 %', 'median', '75 %', '95 %', where], rows),
  ].join('\n\n');
}

/** When and on what each job ran. */
export function writeRuns(jobs: Jobs): string {
  const rows = [...jobs.values()].map(({ name, startedAt, finishedAt, runtime, spec, trials }) => [
    name,
    `${startedAt.slice(0, 16).replace('T', ' ')}`,
    `${Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 60_000)} min`,
    String(trials.length),
    `${spec.objective.kind === 'training' ? spec.objective.seed : '–'} / ${spec.search.seed}`,
    runtime ?? '–',
  ]);
  const machines = [...new Set([...jobs.values()].map(({ machine }) => machine))].join('; ');
  const versions = [...new Set([...jobs.values()].map(({ versions }) => JSON.stringify(versions)))]
    .map((text) =>
      Object.entries(JSON.parse(text) as Record<string, string>).map(([name, value]) => `${name} ${value}`),
    )
    .map((parts) => parts.join(', '))
    .join('; ');
  return [
    '## The runs',
    `Machine: ${machines}, shared with other programs. Versions: ${versions}.`,
    writeTable(['job', 'started (UTC)', 'took', 'trainings', 'training / search seed', 'runtime'], rows),
  ].join('\n\n');
}
