// Writes the pictures of docs/dashboard.md: posts three examples to a service without other jobs, unless it has them,
// waits for them, and takes pictures of the pages. The service needs two workers, whose names are in the pictures.
//
//     node apps/dashboard/scripts/take-screenshots.ts http://localhost:8080
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Gradsmith } from '@gradsmith/client';
import type { JobStatus } from '@gradsmith/contract';
import type { JobInput } from '@gradsmith/core/spec';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { openBrowser } from '../test/browser/chromium.ts';

const WIDTH = 1400;
/** Of 100; the letters stay sharp, and a picture has less than 100 kB. */
const QUALITY = 65;
const root = new URL('../../../', import.meta.url);

interface Shot {
  readonly name: string;
  readonly place: string;
  /** What is there when the page is complete. */
  readonly sign: string;
  /** Height that is shown of a longer page, px. */
  readonly height: number;
}

const [url] = process.argv.slice(2);
if (!url) throw new Error('usage: take-screenshots.ts URL');
const jobs = await runExamples(new Gradsmith({ url }));
const browser = await openBrowser();
try {
  for (const shot of listShots(jobs)) await takeShot(browser.page, shot);
} finally {
  await browser.close();
}

/** Returns the finished jobs. The two searches of the same space differ in their algorithm. */
async function runExamples(service: Gradsmith): Promise<JobStatus[]> {
  const searched = readExample('two-gaussians');
  const inputs = [
    readExample('null-hypotheses'),
    searched,
    { ...searched, name: 'two-gaussians-random', search: { trials: 20, algorithm: 'random', seed: 7 } },
  ] as JobInput[];
  const existing = new Map<string, string>();
  for await (const { id, name } of service.jobs()) existing.set(name, id);
  const ids: string[] = [];
  for (const input of inputs) ids.push(existing.get(input.name!) ?? (await service.create(input)).id);
  return Promise.all(ids.map((id) => service.waitUntilFinished(id)));
}

function readExample(name: string): object {
  return parse(readFileSync(new URL(`examples/${name}.yaml`, root), 'utf8')) as object;
}

function listShots([hypotheses, model, random]: readonly JobStatus[]): Shot[] {
  const job = `/jobs/${hypotheses!.id}`;
  const [table, figures] = ['tbody tr', 'figure svg'];
  return [
    { name: 'jobs', place: '/', sign: table, height: 420 },
    { name: 'job', place: job, sign: figures, height: 1_240 },
    { name: 'figures', place: `${job}/figures`, sign: figures, height: 1_500 },
    { name: 'trials', place: `${job}/trials`, sign: '.space .row', height: 720 },
    { name: 'trial', place: `${job}/trials/${hypotheses!.best!.trial}`, sign: figures, height: 1_260 },
    { name: 'compare', place: `/compare?jobs=${model!.id},${random!.id}`, sign: figures, height: 1_170 },
    { name: 'new-job', place: '/new', sign: '.cm-line', height: 900 },
    { name: 'workers', place: '/workers', sign: table, height: 470 },
  ];
}

async function takeShot(page: Page, { name, place, sign, height }: Shot): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
  await page.goto(`${url}/#${place}`);
  await page.locator(sign).first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => {});
  // The last figure is drawn after the last answer.
  await page.waitForTimeout(1_500);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(fileURLToPath(new URL(`docs/images/${name}.webp`, root)), Buffer.from(data, 'base64'));
  await session.detach();
}
