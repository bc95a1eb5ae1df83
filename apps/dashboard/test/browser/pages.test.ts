import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { makeKey } from '../../../api/src/index.ts';
import { KeyRing } from '../../../api/src/keys/key-ring.ts';
import { externalJob, silent, validJob } from '../../../api/test/support.ts';
import { train } from '../../../api/test/train.ts';
import { create, work } from '../../../api/test/work.ts';
import { setScreen } from './chromium.ts';
import { TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

const FIGURES = 'figure svg';
const FIRST_PAGE_BYTES = 150_000;
/** File for a screenshot of the job page. */
const picture = process.env.GRADSMITH_TEST_PICTURE;

describe('every page', { timeout: TIMEOUT_MS }, () => {
  const dashboard = useDashboard();
  const { open, see, start, startIdle } = dashboard;

  /** A service with a job of an external program and a training, both finished, and the places of its page. */
  const startWithJobs = async () => {
    const service = await start();
    const external = await create(service.app, externalJob);
    await work(service.app, external, ({ depth, share }) => depth! * share!);
    const waiting = await create(service.app, { ...externalJob, name: 'waiting' });
    const training = await create(service.app, { ...validJob, search: { trials: 3 } });
    await train(service, training, (trial) => (trial.includes('reference') ? 1 : 0.8 + Number(trial.at(-1)) / 100));
    // As long as the slowest test.
    const worker = {
      id: 'a',
      name: 'lab-7',
      runtime: 'wasm float32',
      backend: 'wasm',
      device: 'cpu' as const,
      slots: 1,
    };
    await service.workers.announce({ ...worker, busy: [] }, 5 * TIMEOUT_MS);
    const places = {
      jobs: '/',
      overview: `/jobs/${training}`,
      figures: `/jobs/${external}/figures`,
      trials: `/jobs/${external}/trials`,
      settings: `/jobs/${external}/settings`,
      trial: `/jobs/${external}/trials/1`,
      reference: `/jobs/${training}/trials/reference`,
      waiting: `/jobs/${waiting}`,
      noTrial: `/jobs/${external}/trials/999`,
      compare: `/compare?jobs=${external},${training}`,
      new: '/new',
      workers: '/workers',
      unknown: '/jobs/job_00000000000000000000',
      nowhere: '/nowhere',
    };
    return { ...service, places, external };
  };
  /** What is there when the page is complete. */
  const signs: Readonly<Record<string, string>> = {
    jobs: 'tbody tr',
    overview: FIGURES,
    figures: FIGURES,
    trials: '.space .row',
    settings: 'pre',
    trial: FIGURES,
    reference: 'h1',
    waiting: '.cards',
    noTrial: '.message',
    compare: FIGURES,
    new: '.cm-line',
    workers: 'tbody tr',
    unknown: '.message',
    nowhere: 'h1',
  };

  // Fourteen pages, each twice.
  test('has no fault that axe finds, in both themes', { timeout: 3 * TIMEOUT_MS }, async () => {
    const { page } = dashboard;
    const { url, places } = await startWithJobs();
    for (const [name, place] of Object.entries(places)) {
      await page.goto('about:blank');
      await open(url, place);
      await see(signs[name]!);
      for (const theme of ['light', 'dark'] as const) {
        await setScreen(page, 1280, theme);
        await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor();
        expect(await findFaults(), `${name}, ${theme}`).toEqual([]);
      }
    }
  });

  test('has no fault with jobs selected, a question asked, an empty list, a key missing or no service', async () => {
    const { page } = dashboard;
    const expectNoFault = async (what: string): Promise<void> => {
      for (const theme of ['light', 'dark'] as const) {
        await setScreen(page, 1280, theme);
        await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor();
        expect(await findFaults(), `${what}, ${theme}`).toEqual([]);
      }
    };
    const { app, url, places } = await startWithJobs();
    await open(url);
    await page.getByLabel('Select all jobs shown').check();
    await expectNoFault('selected');
    await page.getByRole('button', { name: 'Delete 2' }).click();
    await see('dialog[open]', 'Delete 2 jobs?');
    await expectNoFault('dialog');
    await open(url, places.figures);
    await see(FIGURES);
    await page.getByRole('button', { name: 'Save The search' }).click();
    await see('[role=dialog], [role=menu]', 'SVG');
    await expectNoFault('save');
    await app.close();
    await open(url, '/jobs');
    await see('#message', 'cannot be reached');
    await expectNoFault('lost');
    await page.goto('about:blank');
    await open((await startIdle()).url);
    await see('p', 'No job yet');
    await expectNoFault('empty');
    await page.goto('about:blank');
    await open((await startIdle({ keys: openKeyRing().ring })).url);
    await page.getByLabel('This service requires a key').waitFor();
    await expectNoFault('key');
  });

  test('says that a page is being read or could not be loaded, and another page can still be opened', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    await create(app, externalJob);
    await open(url);
    await see('tbody a', 'forest');
    const file = Promise.withResolvers<void>();
    await page.route('**/assets/workers-page*', async (route) => {
      await file.promise;
      await route.abort();
    });
    await page.getByRole('link', { name: 'Workers', exact: true }).click();
    await see('p', 'Reading…');
    file.resolve();
    await see('[role=alert]', 'A part of the page could not be loaded.');
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await see('tbody a', 'forest');
  });

  test('fits a telephone in dark mode: no overflow, readable letters', async () => {
    const { page } = dashboard;
    const { url, places } = await startWithJobs();
    await setScreen(page, 390, 'dark');
    for (const [name, place] of Object.entries(places)) {
      await open(url, place);
      await see(signs[name]!);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBe(0);
      expect(await findFaults(), name).toEqual([]);
    }
    await open(url, places.figures);
    await page.locator(FIGURES).nth(3).waitFor();
    const labels = await page.locator(`${FIGURES} text`).filter({ hasText: /\S/ }).all();
    const heights = await Promise.all(labels.map(async (text) => (await text.boundingBox())!.height));
    expect(Math.min(...heights)).toBeGreaterThan(9);
    expect(await readLightness('background-color')).toBeLessThan(40);
    expect(await readLightness('color')).toBeGreaterThan(200);
    // The gain is in view in the table of trials, and best and gain in that of jobs.
    await open(url, places.overview + '/trials');
    const gain = await (await see('.space .row:first-child > .number:nth-child(4)')).boundingBox();
    expect(gain!.x + gain!.width).toBeLessThanOrEqual(390);
    await open(url, places.jobs);
    await see('tbody tr', 'gaussians');
    for (const cell of await page.locator('tbody .number:visible').all())
      expect((await cell.boundingBox())!.x + (await cell.boundingBox())!.width).toBeLessThanOrEqual(390);
  });

  test('shows what each worker computes with and trains, its last heartbeat, and which one is slow', async () => {
    const { app, workers, url } = await startIdle();
    await open(url, '/workers');
    await see('p', 'There is no live worker');
    expect(await dashboard.page.locator('table').count()).toBe(0);
    const id = await create(app, validJob);
    const worker = { name: 'lab-7', runtime: 'webgpu float32', backend: 'webgpu', device: 'gpu' as const, slots: 2 };
    const lacks = [{ job: id, reason: 'mnist is not in the cache' }];
    const measure = (stepMs: number) => ({
      recent: { windowMs: 120_000, trials: 3, jobs: [{ job: id, trials: 5, trialMs: 90_000, steps: 1_000, stepMs }] },
    });
    const state = { ...measure(40_000), memory: 3 * 2 ** 29, labels: ['a100', 'zone-b'] };
    await workers.announce({ ...worker, id: 'a', busy: [`${id}/0`], lacks, ...state }, 60_000);
    await workers.announce({ ...worker, id: 'b', name: 'lab-8', busy: [], ...measure(10_000) }, 60_000);
    await open(url, '/workers');
    const row = await see('tbody tr', 'lab-7');
    const texts = ['working', '1 of 2 busy', 'GPU', 'webgpu float32', 'gaussians', 'trial 0', 'not in the cache'];
    texts.push('a100', 'zone-b', '1.5', '40 ms a step', '4 × the time of lab-8', '1.5 GiB');
    for (const text of texts) expect(await row.innerText()).toContain(text);
    await see('.verdict li', 'lab-7 is slow: a step of gaussians takes 4 times the time of lab-8.');
    await see('tbody tr', '10 ms a step of gaussians: 0.25 × the time of lab-7');
    await see('td.late', 'ago');
    // What a worker trains is in view on a telephone, too.
    await setScreen(dashboard.page, 390);
    const hidden = "document.querySelector('.wide').scrollWidth - document.querySelector('.wide').clientWidth";
    expect(await dashboard.page.evaluate(hidden)).toBe(0);
    await see('tbody a', 'trial 0');
  });

  test('counts a worker with modules once, on the page of the jobs and on that of the workers', async () => {
    const { page } = dashboard;
    const { workers, url } = await startIdle();
    const worker = { name: 'lab-7', device: 'cpu' as const, slots: 2, busy: [] };
    await workers.announce({ ...worker, id: 'a', runtime: 'wasm float32', backend: 'wasm' }, 60_000);
    for (const id of ['x', 'y', 'z'])
      await workers.announce({ ...worker, id, runtime: `module ${id}`, backend: 'module' }, 60_000);
    const count = '1 worker, 0 of 2 slots busy, 0 of 6 slots of modules busy';
    await open(url);
    await (await see('a', count)).click();
    await see('p', `${count}. Each module of a worker has its own row and its own slots.`);
    const rows = await page.locator('tbody tr td:first-child').allInnerTexts();
    expect(rows).toEqual(['lab-7', ...Array(3).fill('lab-7 (module)')]);
    expect(await page.locator('p', { hasText: 'No worker can be called' }).count()).toBe(0);
  });

  test('can be used by keyboard alone, under the content policy of the service', async () => {
    const { page, complaints } = dashboard;
    const { url } = await startWithJobs();
    await open(url);
    await see('tbody a', 'forest');
    await page.keyboard.press('Tab');
    expect(await readFocus('class')).toBe('skip');
    await tabTo('href', '#/jobs/');
    await page.keyboard.press('Enter');
    await see('h1', /gaussians|forest/);
    // The focus is at the heading of the new page.
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await page.locator(FIGURES).first().waitFor();
    for (const figure of await page.locator(FIGURES).all())
      expect((await figure.boundingBox())!.height).toBeGreaterThan(60);
    if (picture) await page.screenshot({ path: picture, fullPage: true });
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await see('.space a');
    await tabTo('href', '/trials/');
    await page.keyboard.press('Enter');
    await see('h1', 'Trial ');
    await page.goBack();
    await see('.space a');
    expect(complaints).toEqual([]);
  });

  test('shows the reference of the API under the same policy, without a fault that axe finds', async () => {
    const { page, complaints } = dashboard;
    const { url } = await startIdle();
    await page.goto(`${url}/docs/`);
    await see('.opblock-summary-path', '/v1/jobs');
    await page.locator('.opblock-summary').first().click();
    await see('.opblock-body .responses-table');
    for (const theme of ['light', 'dark'] as const) {
      await setScreen(page, 1280, theme);
      await page.locator(theme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)').waitFor();
      await expect.poll(findFaults, { interval: 500 }).toEqual([]);
    }
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await see('p', 'No job yet');
    expect(complaints).toEqual([]);
  });

  test('leads from the worker of a trial to the workers, as long as it is live', async () => {
    const { page } = dashboard;
    const { url, places } = await startWithJobs();
    await open(url, places.reference);
    await (await see('.attempts a', 'w')).click();
    await see('h1', 'Workers');
    await see('td', 'lab-7');
    await open(url, places.trial);
    await see('.attempts td', 'reported');
    expect(await page.locator('.attempts a').count()).toBe(0);
  });

  test('skips to the content', async () => {
    const { page } = dashboard;
    const { url } = await startIdle();
    await open(url);
    await see('p', 'No job yet');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await readFocus('id')).toBe('content');
    expect(page.url()).toMatch(/#\/$/);
  });

  test('has the theme that the user chooses, also after a visit', async () => {
    const { page } = dashboard;
    const { url } = await startIdle();
    await open(url);
    await see('p', 'No job yet');
    expect(await readLightness('background-color')).toBeGreaterThan(200);
    await page.getByLabel('Theme').selectOption('dark');
    await expect.poll(() => readLightness('background-color')).toBeLessThan(40);
    await page.reload();
    await see('p', 'No job yet');
    await expect.poll(() => readLightness('background-color')).toBeLessThan(40);
    await page.getByLabel('Theme').selectOption('auto');
  });

  test('asks for a key, and says that a wrong one is not accepted', async () => {
    const { page } = dashboard;
    const { key, ring } = openKeyRing();
    const { url } = await startIdle({ keys: ring });
    await open(url);
    await page.getByLabel('This service requires a key').fill('gs_wrong');
    await page.getByRole('button', { name: 'Use key' }).click();
    await page.getByLabel('This key is not accepted').fill(key);
    await page.getByRole('button', { name: 'Use key' }).click();
    await see('p', 'No job yet');
    await expect.poll(() => page.locator('#message').innerText()).toBe('');
  });

  test('says that the service cannot be reached when it goes away', async () => {
    const { app, url } = await start();
    await open(url);
    await see('main', 'No job yet');
    await app.close();
    await see('#message', 'the service cannot be reached; trying again in');
  });

  test('needs at most 150 kB for the list of jobs', () => {
    const folder = inject('dashboard');
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    const files = [...html.matchAll(/(?:href|src)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file!);
    const sizes = ['index.html', ...files].map((file) => gzipSync(readFileSync(join(folder, file))).length);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    expect(files.length).toBeGreaterThan(1);
    expect(size).toBeLessThan(FIRST_PAGE_BYTES);
    // The editor, the schema of jobs and the figures are loaded later.
    expect(readdirSync(join(folder, 'assets')).length).toBeGreaterThan(files.length);
  });

  /** Returns what axe finds on the page: the rule and the elements. */
  async function findFaults(): Promise<string[]> {
    // Evaluated code is not subject to the policy of the page, unlike an element with a script.
    await dashboard.page.evaluate(axe.source);
    const { violations } = await dashboard.page.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    }>("axe.run({ resultTypes: ['violations'] })");
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }

  /** Reads an attribute of the element that has the focus. */
  async function readFocus(attribute: string): Promise<string | null> {
    return dashboard.page.evaluate(`document.activeElement.getAttribute(${JSON.stringify(attribute)})`);
  }

  /** Presses Tab until the attribute of the element in focus contains the text. */
  async function tabTo(attribute: string, text: string): Promise<void> {
    for (let pressed = 0; pressed < 40; pressed++) {
      await dashboard.page.keyboard.press('Tab');
      if ((await readFocus(attribute))?.includes(text)) return;
    }
    throw new Error(`Tab does not lead to ${text}`);
  }

  /** Mean of red, green and blue of the page's color, 0 to 255. */
  async function readLightness(property: string): Promise<number> {
    const color = await dashboard.page.evaluate<string>(
      `getComputedStyle(document.body).getPropertyValue(${JSON.stringify(property)})`,
    );
    const [red = 0, green = 0, blue = 0] = color.match(/[\d.]+/g)!.map(Number);
    return (red + green + blue) / 3;
  }
});

function openKeyRing(): { key: string; ring: KeyRing } {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-keys-'));
  const { key, hash } = makeKey('page');
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [{ id: 'page', hash, scopes: ['admin'] }] }));
  const ring = new KeyRing(join(folder, 'keys.json'), silent);
  onTestFinished(() => {
    ring.close();
    rmSync(folder, { recursive: true });
  });
  return { key, ring };
}
