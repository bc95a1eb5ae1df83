// Networks that are trained together next to separate trainings. See README.md.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { prepareDataSet } from '@gradsmith/training/data';
import { installedTensorflow } from '@gradsmith/training/install';
import { readOptions } from '../lib/options.ts';
import { PipedProgram } from '../lib/piped-program.ts';
import { createProgress } from '../lib/progress.ts';
import { cacheFolder } from '../lib/python.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import { type BackendUnderTest, listCases } from './cases.ts';
import { computeFactor, measureCase, type Measured, type Rate, type Setups } from './measure.ts';

const values = readOptions({
  command: 'pnpm bench:population',
  does: [
    'Trains networks that differ in their b-functions together, as one program, and compares the speed with that of',
    'separate trainings. Leaves tensorflow out if it is not installed in the cache. Fetches MNIST and CIFAR-10, once.',
  ],
  quick: 'fewer networks, sizes and rounds; under 50 s once everything is fetched',
  options: {
    only: {
      takes: '<text>',
      meaning: 'only backends and networks that contain it',
      initial: '',
      parse: (text) => text,
    },
  },
  examples: [
    'pnpm bench:population',
    'pnpm bench:population --quick --json population.json',
    'pnpm bench:population --only "tensorflow, CNN"',
  ],
});
/** Trained together must be this much faster, or the feature is not worth its cost. */
const WORTHWHILE = 1.5;
const TOLERANCE = 1e-3;
const cacheDir = cacheFolder();
const tensorflow = installedTensorflow(cacheDir);
const backends: BackendUnderTest[] = tensorflow === undefined ? ['wasm'] : ['wasm', 'tensorflow'];
const rounds = values.quick ? { rounds: 2, milliseconds: 60 } : { rounds: 3, milliseconds: 200 };

function startChild(backend: BackendUnderTest, threads: number): PipedProgram {
  const file = fileURLToPath(new URL('./engine-child.ts', import.meta.url));
  return new PipedProgram(`the backend ${backend}`, process.execPath, [file, backend, String(threads), cacheDir]);
}

async function measureBackend(backend: BackendUnderTest, runtimes: string[]): Promise<Measured[]> {
  const cases = listCases(values.quick).filter(
    ({ name, sizes }) => sizes[backend].length > 0 && `${backend}, ${name}`.includes(values.only),
  );
  if (cases.length === 0) return [];
  using first = startChild(backend, 1);
  using second = startChild(backend, 1);
  using threaded = backend === 'tensorflow' ? startChild(backend, 2) : undefined;
  for (const child of [first, second, threaded]) {
    if (child) runtimes.push((await child.next<{ runtime: string }>()).runtime);
  }
  const setups: Setups = { one: [first], two: [first, second] };
  const all: Setups = threaded ? { ...setups, threaded: [threaded] } : setups;
  const progress = createProgress(backend);
  const measured: Measured[] = [];
  for (const each of cases) {
    progress(each.name);
    measured.push(await measureCase(each, backend, all, rounds));
  }
  return measured;
}

/** The way to train networks together in one process that takes the least processor time for an image. */
function findBest({ rates }: Measured): Rate {
  const together = rates.filter(({ setup, program }) => setup === 'one' && program !== 'separate');
  return together.reduce((best, rate) => (rate.processor > best.processor ? rate : best));
}

function listShows(each: Measured): Show[] {
  const best = findBest(each);
  const name = `${each.backend}, ${each.case}`;
  return [
    checkClaim(`${name}: joined, difference of losses`, each.differences.joined, '', ['at most', 0]),
    checkClaim(`${name}: stacked, difference of losses`, each.differences.stacked, '', ['at most', TOLERANCE]),
    checkClaim(
      `${name}: ${best.networks} ${best.program}`,
      computeFactor(each, best, 'one', 'processor'),
      '× separate',
      ['at least', WORTHWHILE],
    ),
  ];
}

function listRows(each: Measured): string[][] {
  const separate = each.rates.find(({ setup, program }) => setup === 'one' && program === 'separate')!;
  const together = each.rates.filter(({ setup, program }) => setup === 'one' && program !== 'separate');
  const format = (factor: number) => (Number.isNaN(factor) ? '-' : factor.toFixed(2));
  return together.map((rate, i) => {
    return [
      i === 0 ? `${each.backend}, ${each.case}` : '',
      i === 0 ? separate.processor.toPrecision(3) : '',
      `${rate.networks} ${rate.program}`,
      format(computeFactor(each, rate, 'one', 'processor')),
      format(computeFactor(each, rate, 'one')),
      format(computeFactor(each, rate, 'two')),
      format(computeFactor(each, { ...rate, setup: 'two' }, 'two')),
      format(computeFactor(each, { ...rate, setup: 'threaded' }, 'two')),
    ];
  });
}

const started = performance.now();
for (const name of ['mnist', 'cifar10'] as const) await prepareDataSet(name, { cacheDir });
const load = [loadavg()[0]!];
const runtimes: string[] = [];
const measured: Measured[] = [];
for (const backend of backends) measured.push(...(await measureBackend(backend, runtimes)));
load.push(loadavg()[0]!);
const shows = measured.flatMap(listShows);
if (process.stderr.isTTY) process.stderr.write('\n');

console.log(
  `Images per second of all networks together, as multiples of separate trainings; ${cpus().length} cores of ` +
    `${cpus()[0]?.model}, load ${load.map((each) => each.toFixed(1)).join(' to ')}\n`,
);
console.log(
  formatTable([['network', 'images/s', 'together', 'processor', 'A', 'B', 'C', 'D'], ...measured.flatMap(listRows)]),
);
console.log(
  [
    '',
    'images/s, processor: of one process, by its processor time, which other programs change little',
    'A: one process, against one process, by the clock like all others',
    'B: one process, against two processes with separate trainings',
    'C: two processes, against two processes with separate trainings',
    'D: one process with two threads, against two processes with separate trainings',
    '',
    formatShows(shows),
  ].join('\n'),
);
if (values.json !== undefined) {
  const result = {
    date: new Date().toISOString(),
    quick: values.quick,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    load,
    runtimes: [...new Set(runtimes)],
    measured,
    shows,
  };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
console.error(`took ${((performance.now() - started) / 1000).toFixed(0)} s`);
