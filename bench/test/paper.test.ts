import { readdirSync, readFileSync } from 'node:fs';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeEvolutionTables } from '../paper/backprop-evolution-tables.ts';
import { evolutionExperiments } from '../paper/backprop-evolution.ts';
import { pairValues, readConfirmed } from '../paper/compare.ts';
import { type BestPoint, experiments } from '../paper/experiments.ts';
import { drawDerivatives, findFigure } from '../paper/figures.ts';
import type { JobSummary, TrialSummary } from '../paper/summarize-job.ts';
import { writeTables } from '../paper/tables.ts';
import { writeTheory, type Theory } from '../paper/theory.ts';

const docs = new URL('../../docs/paper/', import.meta.url);
const point = { learningRate: 0.1, 'relu7.u': 1, 'relu7.b': 0, 'relu7.v': 2, 'relu7.d': 0.5 };

test.each(['full', 'reduced'] as const)('every job of the %s size is valid and has another name', (size) => {
  const jobs = experiments.flatMap(({ listJobs }) => listJobs(size, () => [point]));
  for (const job of jobs) expect(() => parseJob(job), job.name).not.toThrow();
  expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
});

test.each([
  ['paper-mnist', 'paper-mnist-mlp'],
  ['paper-layers', 'paper-layers-relu1-s1'],
  ['paper-feedback', 'paper-feedback-feedback-alignment'],
])('examples/%s.yaml is the job %s of the reduced size', (file, name) => {
  const example = parse(readFileSync(new URL(`../../examples/${file}.yaml`, import.meta.url), 'utf8')) as object;
  const jobs = experiments.flatMap(({ listJobs }) => listJobs('reduced', () => []));
  expect(parseJob({ ...example, name })).toEqual(parseJob(jobs.find((job) => job.name === name)));
});

test('every job of Backprop Evolution is valid and has another name', () => {
  const rules = { rule: 'd * sign(slope)', learningRate: 0.02, constant: 1.5 } as unknown as BestPoint;
  const others = { rule: 'r * slope' } as unknown as BestPoint;
  const jobs = evolutionExperiments.flatMap(({ listJobs }) => listJobs('reduced', () => [rules, others]));
  for (const job of jobs) expect(() => parseJob(job), job.name).not.toThrow();
  expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
});

test.each([
  ['reduced', 'results.md', writeTables],
  ['full', 'results-full.md', writeTables],
  ['evolution', 'results-evolution.md', writeEvolutionTables],
] as const)('the committed tables are those of the committed results: %s', (set, page, write) => {
  const folder = new URL(`results/${set}/`, docs);
  const jobs = readdirSync(folder)
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as JobSummary)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const tables = write(new Map(jobs.map((job) => [job.name, job])));
  expect(tables).toBe(readFileSync(new URL(page, docs), 'utf8'));
});

test('the page about the theory has the committed numbers, and each number has a place', () => {
  const theory = JSON.parse(readFileSync(new URL('results/theory.json', docs), 'utf8')) as Theory;
  const page = writeTheory(theory);
  expect(page).toBe(readFileSync(new URL('theory.md', docs), 'utf8'));
  for (const { quantity } of theory.claims) expect(page).toContain(quantity);
});

test('values are compared over the fresh seeds that both have', () => {
  const confirm = (confirms: number | null, seedIndex: number, value: number): TrialSummary => {
    const id = `confirm-${confirms}-${seedIndex}`;
    return { id, role: 'confirm', confirms, seedIndex, seed: 100 + seedIndex, point: {}, value, metrics: {} };
  };
  const trials = [confirm(3, 0, 1), confirm(3, 1, 2), confirm(null, 0, 1.5), confirm(null, 2, 9)];
  const job = { trials } as unknown as JobSummary;
  expect(pairValues(readConfirmed(job, 3), readConfirmed(job, null))).toEqual([0.5]);
});

test('a figure is found below its heading', () => {
  const page = '<h2>First</h2><figure><svg a="1"></svg></figure><h2>Second</h2><figure><svg b="2"></svg></figure>';
  expect(findFigure(page, /^Second/)).toBe('<svg b="2"></svg>');
  expect(findFigure(page, /^Third/)).toBeNull();
});

test('figure 1a shows the derivatives whose paths are in figure 1b', () => {
  const job = JSON.parse(readFileSync(new URL('results/reduced/paper-3.1-d2-s1.json', docs), 'utf8')) as JobSummary;
  const [derivatives, paths] = ['figure-1a.svg', 'figure-1b.svg'].map((file) =>
    readFileSync(new URL(file, docs), 'utf8'),
  );
  expect(`${drawDerivatives(job)}\n`).toBe(derivatives);
  const drawn = [...paths!.matchAll(/>([\w-]+)′?: cosine/g)].map(([, name]) => name!);
  for (const name of drawn.filter((each) => each !== 'backpropagation')) expect(derivatives).toContain(`>${name}′<`);
  expect(drawn).toHaveLength(7);
});
