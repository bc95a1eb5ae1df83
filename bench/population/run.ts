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
import { type BackendUnderTest, listCases } from './cases.ts';
import { measureCase, type Measured, type Setups } from './measure.ts';
import { formatReport, listShows } from './report.ts';

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

const started = performance.now();
for (const name of ['mnist', 'cifar10'] as const) await prepareDataSet(name, { cacheDir });
const load = [loadavg()[0]!];
const runtimes: string[] = [];
const measured: Measured[] = [];
for (const backend of backends) measured.push(...(await measureBackend(backend, runtimes)));
load.push(loadavg()[0]!);
const shows = measured.flatMap(listShows);
if (process.stderr.isTTY) process.stderr.write('\n');

console.log(formatReport(measured, load));
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
