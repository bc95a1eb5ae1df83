// Runs the experiments of the paper through the product, and writes their tables and data. See docs/paper/README.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobInput } from '@gradsmith/core/spec';
import { dataSetFile } from '@gradsmith/training/data';
import { Command } from 'commander';
import { writeEvolutionTables } from './backprop-evolution-tables.ts';
import { evolutionExperiments } from './backprop-evolution.ts';
import { rankSummaries } from './compare.ts';
import { experiments, type BestPoint, type Experiment, type Size } from './experiments.ts';
import { writeFigures } from './figures.ts';
import { JobFolder } from './run-jobs.ts';
import { summarizeJob, type JobSummary } from './summarize-job.ts';
import { writeTables } from './tables.ts';
import { measureTheory, writeTheory } from './theory.ts';

interface Options {
  full: boolean;
  evolution: boolean;
  data: string;
  out: string;
  only: string[];
  tables: boolean;
  theory: boolean;
}

const options = new Command('pnpm paper')
  .description(
    'Runs the experiments of the paper and writes tables and data. Minutes on two idle cores, with --full hours.\n' +
      'After a kill, the same command continues. It needs the backend tensorflow, and mnist and cifar10 in the cache.',
  )
  .option('--full', 'larger networks, more examples and seeds', false)
  .option('--evolution', 'the experiments of Backprop Evolution instead: an hour', false)
  .option('--data <folder>', 'where the jobs run', 'gradsmith-paper')
  .option(
    '--out <folder>',
    'where results and tables are written',
    fileURLToPath(new URL('../../docs/paper', import.meta.url)),
  )
  .option(
    '--only <name...>',
    `only these experiments: ${listNames(experiments)}; with --evolution: ${listNames(evolutionExperiments)}`,
    [],
  )
  .option('--tables', 'only write the tables again from the results', false)
  .option('--theory', 'only measure the equations on the engine, and write theory.md', false)
  .allowExcessArguments(false)
  .parse(process.argv.filter((arg) => arg !== '--'))
  .opts<Options>();

if (options.theory) {
  const theory = measureTheory();
  writeFileSync(join(options.out, 'results', 'theory.json'), `${JSON.stringify(theory, null, 2)}\n`);
  writeFileSync(join(options.out, 'theory.md'), writeTheory(theory));
  process.exit(0);
}
const size: Size = options.full ? 'full' : 'reduced';
const set = options.evolution ? 'evolution' : size;
const offered = options.evolution ? evolutionExperiments : experiments;
const folder = new JobFolder(join(options.data, set));
const results = join(options.out, 'results', set);
mkdirSync(results, { recursive: true });

if (!options.tables) {
  for (const experiment of selectExperiments(options.only)) runExperiment(experiment);
  writeFigures(folder, readResults(), options.out, options.full ? 'full-' : '');
}
const page = set === 'reduced' ? 'results.md' : `results-${set}.md`;
const writePage = options.evolution ? writeEvolutionTables : writeTables;
writeFileSync(join(options.out, page), writePage(readResults()));

function listNames(all: readonly Experiment[]): string {
  return all.map(({ name }) => name).join(', ');
}

function selectExperiments(names: readonly string[]): readonly Experiment[] {
  const unknown = names.filter((name) => !offered.some((experiment) => experiment.name === name));
  if (unknown.length) {
    console.error(`There is no experiment ${unknown.join(', ')}; there are: ${listNames(offered)}`);
    process.exit(2);
  }
  return names.length ? offered.filter(({ name }) => names.includes(name)) : offered;
}

function runExperiment({ name, data, listJobs }: Experiment): void {
  const cache = process.env['GRADSMITH_CACHE'] ?? join(homedir(), '.cache', 'gradsmith');
  if (data !== null && !existsSync(dataSetFile(cache, data))) {
    console.error(`Experiment ${name} is left out: ${data} is not in the cache. Fetch it with: gradsmith data ${data}`);
    process.exitCode = 1;
    return;
  }
  for (const job of listJobs(size, findBestPoints)) writeResult(job);
}

function writeResult(job: JobInput): void {
  const summary = summarizeJob(folder.run(job, chooseSlots(job)));
  writeFileSync(join(results, `${summary.name}.json`), `${formatSummary(summary)}\n`);
}

/** As many as run at the same time, so that a job continued on another machine has as many threads. */
function chooseSlots({ search }: JobInput): number {
  return search.maxParallelism ?? availableParallelism();
}

/** Puts each trial on a separate line. */
function formatSummary({ trials, ...job }: JobSummary): string {
  const head = JSON.stringify(job, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "trials": [\n${trials.map((trial) => `    ${JSON.stringify(trial)}`).join(',\n')}\n  ]\n}`;
}

function readResults(): Map<string, JobSummary> {
  const files = readdirSync(results).filter((file) => file.endsWith('.json'));
  const read = (file: string): JobSummary => JSON.parse(readFileSync(join(results, file), 'utf8')) as JobSummary;
  const summaries = files.map(read).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return new Map(summaries.map((summary) => [summary.name, summary]));
}

/** Lists the points of a job, best first; of points with equal values, whose trainings were the same, the first. */
function findBestPoints(name: string): BestPoint[] {
  const job = readResults().get(name);
  const ranked = job ? rankSummaries(job) : [];
  return ranked
    .filter(({ value }, i) => i === 0 || value !== ranked[i - 1]!.value)
    .map(({ point }) => point as BestPoint);
}
