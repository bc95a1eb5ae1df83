import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { externalJob, startService } from '../../../api/test/support.ts';
import { create, work } from '../../../api/test/work.ts';
import { listen } from '../page.ts';
import { chromiumPath, LAN_NAME, openBrowser, setScreen, type TestBrowser } from './chromium.ts';

const TIMEOUT_MS = 120_000;
const FIGURES = 'figure svg';
/** File for a screenshot of the job page. */
const picture = process.env.GRADSMITH_TEST_PICTURE;

/** CI installs a Chromium and requires these tests, so that they are never skipped there. */
const runs = chromiumPath !== null || process.env.GRADSMITH_TEST_BROWSER === 'required';

describe.skipIf(!runs)('in a real Chromium', { timeout: TIMEOUT_MS }, () => {
  const built = mkdtempSync(join(tmpdir(), 'gradsmith-dashboard-'));
  let browser: TestBrowser;

  beforeAll(async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await build({ root, logLevel: 'error', build: { outDir: built, emptyOutDir: true } });
    browser = await openBrowser();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    rmSync(built, { recursive: true, force: true });
  }, TIMEOUT_MS);

  test("opens a job and a trial by keyboard alone, under the service's content policy", async () => {
    const { page, complaints } = browser;
    const { app } = await startService({ dashboard: built });
    const id = await create(app, externalJob);
    await work(app, id, ({ depth, share }) => depth! * share!);
    await setScreen(page, 1280);
    await page.goto(`${await listen(app)}/`);
    await page.locator('tbody a', { hasText: 'forest' }).waitFor();

    await tabTo('href', '#/jobs/');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'forest' }).waitFor();
    await page.locator(FIGURES).nth(3).waitFor();
    const boxes = await Promise.all((await page.locator(FIGURES).all()).map((figure) => figure.boundingBox()));
    expect(boxes).toHaveLength(4);
    for (const box of boxes) expect(box!.height).toBeGreaterThan(60);
    if (picture) await page.screenshot({ path: picture, fullPage: true });

    await tabTo('class', 'link');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open] tbody', { hasText: 'reported' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await readFocus('class')).toBe('link');
    expect(complaints).toEqual([]);
  });

  test('fits a telephone in dark mode: no overflow, readable letters', async () => {
    const { page } = browser;
    const { app } = await startService({ dashboard: built });
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!);
    const url = await listen(app);
    await setScreen(page, 390, 'dark');
    for (const hash of ['#/', '#/new', '#/workers', `#/jobs/${id}`]) {
      await page.goto(`${url}/${hash}`);
      await page.locator('h1').waitFor();
      if (hash.includes('job_')) await page.locator(FIGURES).nth(3).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), hash).toBe(0);
    }
    const labels = await page.locator(`${FIGURES} text`).filter({ hasText: /\S/ }).all();
    const heights = await Promise.all(labels.map(async (text) => (await text.boundingBox())!.height));
    expect(Math.min(...heights)).toBeGreaterThan(9);
    expect(await readLightness('background-color')).toBeLessThan(40);
    expect(await readLightness('color')).toBeGreaterThan(200);
  });

  test('says that the service cannot be reached when it goes away', async () => {
    const { page } = browser;
    const { app } = await startService({ dashboard: built });
    await setScreen(page, 1280);
    await page.goto(`${await listen(app)}/#/`);
    await page.locator('main', { hasText: 'No job yet' }).waitFor();
    await app.close();
    await page.locator('#message', { hasText: 'the service cannot be reached; trying again in' }).waitFor();
  });

  test('copies and posts a job over plain HTTP from another machine', async () => {
    const { page } = browser;
    const { app } = await startService({ dashboard: built });
    const id = await create(app, externalJob);
    await setScreen(page, 1280);
    await page.goto(`${(await listen(app)).replace('127.0.0.1', LAN_NAME)}/#/jobs/${id}`);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await page.getByRole('button', { name: 'Copy as new job' }).click();
    await page.waitForFunction('document.querySelector("textarea")?.value.includes("name: forest")');
    await page.getByRole('button', { name: 'Create job' }).click();
    await page.waitForURL((url) => url.hash.startsWith('#/jobs/job_') && !url.hash.includes(id));
  });

  /** Reads an attribute of the element that has the focus. */
  async function readFocus(attribute: string): Promise<string | null> {
    return browser.page.evaluate(`document.activeElement.getAttribute(${JSON.stringify(attribute)})`);
  }

  /** Presses Tab until the attribute of the element in focus contains the text. */
  async function tabTo(attribute: string, text: string): Promise<void> {
    for (let pressed = 0; pressed < 40; pressed++) {
      await browser.page.keyboard.press('Tab');
      if ((await readFocus(attribute))?.includes(text)) return;
    }
    throw new Error(`Tab does not lead to ${text}`);
  }

  /** Mean of red, green and blue of the page's color, 0 to 255. */
  async function readLightness(property: string): Promise<number> {
    const color = await browser.page.evaluate<string>(
      `getComputedStyle(document.body).getPropertyValue(${JSON.stringify(property)})`,
    );
    const [red = 0, green = 0, blue = 0] = color.match(/[\d.]+/g)!.map(Number);
    return (red + green + blue) / 3;
  }
});
