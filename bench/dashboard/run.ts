// The dashboard with a job of 50,000 trials and a list of 5,000 jobs, in Chromium. See README.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBrowser } from '../../apps/dashboard/test/browser/chromium.ts';
import { startService } from '../api/service.ts';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows, formatTable, type Show } from '../lib/shows.ts';
import {
  measureAction,
  measureOpening,
  preparePage,
  readHeap,
  waitUntil,
  type MeasuredPage,
  type Opening,
} from './measure-page.ts';
import { openOptunaDashboard } from './optuna-dashboard.ts';
import { largeJob, seedJobs, startSlowTrial } from './seed.ts';

const values = readOptions({
  command: 'pnpm bench:dashboard',
  does: [
    'Time to draw, bytes, long tasks and memory of the dashboard. Needs redis-server and chromium.',
    'Twelve minutes; ends with status 1 where a claim is missed.',
    'GRADSMITH_OPTUNA_PYTHON: a Python with optuna and optuna-dashboard, for the comparison.',
  ],
  quick: '5,000 trials, 500 jobs and half a minute of memory; about two minutes',
  options: {
    minutes: {
      takes: '<n>',
      meaning: 'how long the page stays open for its memory',
      initial: '10',
      parse: numberFrom(1),
    },
  },
  examples: ['pnpm bench:dashboard --quick', 'pnpm bench:dashboard --json dashboard.json'],
});
const TRIALS = values.quick ? 5_000 : 50_000;
const JOBS = values.quick ? 500 : 5_000;
const PEER_TRIALS = 5_000;
const OPEN_MS = values.quick ? 30_000 : values.minutes * 60_000;
const STEADY_MS = 10_000;
const MB = 1e6;

const folder = mkdtempSync(join(tmpdir(), 'gradsmith-bench-dashboard-'));
const python = process.env['GRADSMITH_OPTUNA_PYTHON'];
const peer = python ? await measurePeer(python) : null;
if (!python) console.log('optuna-dashboard: skipped, GRADSMITH_OPTUNA_PYTHON names no Python with it');
try {
  console.error('building the page …');
  const root = new URL('../..', import.meta.url).pathname;
  const build = ['--filter', '@gradsmith/dashboard', 'exec', 'vite', 'build', '--emptyOutDir', '--outDir', folder];
  execFileSync('pnpm', build, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const same = peer && (await withService(PEER_TRIALS, 0, async ({ measured, url }) => openFigures(measured, url)));
  const result = await withService(TRIALS, JOBS, measureAll);
  writeReport(result, peer, same);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Scene {
  readonly url: string;
  readonly measured: MeasuredPage;
}

async function withService<T>(trials: number, jobs: number, measure: (scene: Scene) => Promise<T>): Promise<T> {
  const service = await startService({ ...process.env, GRADSMITH_DASHBOARD: folder });
  const browser = await openBrowser();
  try {
    console.error(`writing ${trials} trials and ${jobs} jobs …`);
    await seedJobs(service.redisUrl, trials, jobs);
    return await measure({ url: service.url, measured: await preparePage(browser.page) });
  } finally {
    await browser.close();
    await service.stop();
  }
}

async function openFigures(measured: MeasuredPage, url: string): Promise<Opening> {
  return measureOpening(measured, `${url}/#/jobs/${largeJob}/figures`, '.figure canvas, .figure svg');
}

async function measureAll({ url, measured }: Scene) {
  const { page, network } = measured;
  // The first visit compiles code of the service and fills its caches, as the first user of a day does.
  const cold = await openFigures(measured, url);
  const figures = await openFigures(measured, url);
  const overview = await measureOpening(measured, `${url}/#/jobs/${largeJob}`, '.figure canvas, .figure svg');
  const table = await measureOpening(measured, `${url}/#/jobs/${largeJob}/trials`, '.space .row');
  const list = await measureOpening(measured, `${url}/#/`, 'tbody tr');
  const [searchMs, sortMs] = JOBS ? await measureList(measured) : [NaN, NaN];
  const slow = await startSlowTrial(url, TRIALS);
  try {
    await measureOpening(measured, `${url}/#/jobs/${largeJob}`, '.figure canvas, .figure svg');
    await delay(3_000);
    network.take();
    await delay(STEADY_MS);
    const steadyBytes = network.take();
    const before = await readHeap(measured);
    console.error(`leaving the page open for ${OPEN_MS / 1000} s …`);
    await delay(OPEN_MS);
    const after = await readHeap(measured);
    const openTasks = await page.evaluate<number[]>('window.benchTasks');
    return { cold, figures, overview, table, list, searchMs, sortMs, steadyBytes, heap: { before, after }, openTasks };
  } finally {
    slow.stop();
  }
}

/** Searches the list for one job, and sorts it by name, until the answer is shown. */
async function measureList({ page }: MeasuredPage): Promise<[number, number]> {
  const name = `job-${String(Math.floor(JOBS / 2)).padStart(5, '0')}`;
  const search = page.getByLabel('Part of the name');
  const isFound = `document.querySelectorAll('tbody tr').length === 1
    && document.querySelector('tbody .name').textContent.includes('${name}')`;
  const searchMs = await measureAction(page, async () => search.fill(name), isFound);
  await search.fill('job-');
  await waitUntil(page, `document.querySelectorAll('tbody tr').length > 1`);
  const isSorted = `document.querySelector('tbody .name').textContent.includes('job-00000')`;
  const sortMs = await measureAction(page, async () => page.getByRole('button', { name: 'Name' }).click(), isSorted);
  return [searchMs, sortMs];
}

async function measurePeer(python: string): Promise<Opening | null> {
  console.error(`writing a study of ${PEER_TRIALS} trials for optuna-dashboard …`);
  const dashboard = await openOptunaDashboard(python, PEER_TRIALS);
  const browser = await openBrowser();
  try {
    const measured = await preparePage(browser.page);
    return await measureOpening(measured, dashboard.url, '.js-plotly-plot .main-svg');
  } finally {
    await browser.close();
    await dashboard.stop();
  }
}

function writeReport(
  result: Awaited<ReturnType<typeof measureAll>>,
  optuna: Opening | null,
  same: Opening | null,
): void {
  const { figures, overview, table, list, searchMs, sortMs, steadyBytes, heap, openTasks } = result;
  const openings = { figures, overview, table, list };
  const longest = Math.max(...Object.values(openings).map(({ longestTaskMs }) => longestTaskMs), ...openTasks);
  const of = `${TRIALS} trials`;
  const shows: Show[] = [
    checkClaim(`${of}: first paint`, figures.firstPaintMs, 'ms', ['below', 1_000]),
    checkClaim(`${of}: all figures`, figures.completeMs, 'ms', ['below', 3_000]),
    checkClaim(`${of}: transferred`, figures.bytes / MB, 'MB', ['at most', 4]),
    checkClaim('longest task of any page', longest, 'ms', ['at most', 200]),
    checkClaim('one running trial: transferred in 10 s', steadyBytes / 1e3, 'kB', ['below', 5]),
    checkClaim(`${JOBS} jobs: list`, list.completeMs, 'ms', ['below', 1_000]),
    checkClaim(`${JOBS} jobs: search by name`, searchMs, 'ms', ['below', 1_000]),
    checkClaim(`${JOBS} jobs: sort`, sortMs, 'ms', ['below', 1_000]),
    checkClaim(`memory after ${OPEN_MS / 1000} s, of that before`, heap.after / heap.before, '', ['at most', 1.1]),
  ];
  const rows = Object.entries({
    ...openings,
    ...(same && { [`figures, ${PEER_TRIALS} trials`]: same }),
    ...(optuna && { [`optuna-dashboard, ${PEER_TRIALS} trials`]: optuna }),
  }).map(([name, { firstPaintMs, completeMs, longestTaskMs, bytes }]) => [
    name,
    ...[firstPaintMs, completeMs, longestTaskMs].map((ms) => String(Math.round(ms))),
    (bytes / MB).toFixed(2),
  ]);
  console.log(formatTable([['page', 'first paint, ms', 'complete, ms', 'longest task, ms', 'MB'], ...rows]));
  console.log(formatShows(shows));
  const circumstances = {
    date: new Date().toISOString().slice(0, 16),
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
    load: loadavg(),
    node: process.versions.node,
  };
  const document = { circumstances, shows, measured: { ...result, optuna, same } };
  if (values.json) writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`);
  if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
}
