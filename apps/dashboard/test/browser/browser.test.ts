import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outsideJob, startService } from '../../../api/test/support.ts';
import { create, work } from '../../../api/test/work.ts';
import { listen } from '../page.ts';
import { BrowserPage, chromium, LAN_NAME } from './chromium.ts';

const PATIENCE_MS = 120_000;
const OVERFLOW = 'document.documentElement.scrollWidth - innerWidth';

/** CI installs a Chromium and asks for it, so that these tests are never passed over there. */
const wanted = chromium !== null || process.env.GRADSMITH_TEST_BROWSER === 'required';

describe.skipIf(!wanted)('in a real Chromium', () => {
  const built = mkdtempSync(join(tmpdir(), 'gradsmith-dashboard-'));
  let browser: BrowserPage;

  beforeAll(async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await build({ root, logLevel: 'error', build: { outDir: built, emptyOutDir: true } });
    browser = await BrowserPage.open();
  }, PATIENCE_MS);
  afterAll(async () => {
    await browser?.close();
    rmSync(built, { recursive: true, force: true });
  }, PATIENCE_MS);

  test(
    "list, job and trial by keyboard alone, under the service's content policy",
    async () => {
      const { app } = await startService({ dashboard: built });
      const id = await create(app, outsideJob);
      await work(app, id, ({ depth, share }) => depth! * share!);
      await browser.resize({ width: 1280, height: 800 });
      await browser.visit(`${await listen(app)}/`);
      await browser.until('document.querySelector("tbody a")?.textContent === "forest"');

      await tabTo('#/jobs/', 'document.activeElement.getAttribute("href")');
      await browser.press('Enter');
      await browser.until(
        'document.querySelector("h1").textContent === "forest" && document.querySelectorAll("figure svg").length === 4',
      );
      expect(
        await browser.evaluate(
          'Array.from(document.querySelectorAll("figure svg"), (svg) => svg.getBoundingClientRect().height > 60)',
        ),
      ).toEqual([true, true, true, true]);

      await tabTo('link', 'document.activeElement.className');
      await browser.press('Enter');
      await browser.until('document.querySelector("dialog[open] tbody")?.textContent.includes("reported")');
      await browser.press('Escape');
      await browser.until('!document.querySelector("dialog")');
      expect(await browser.evaluate('document.activeElement.className')).toBe('link');
      expect(browser.complaints).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'a telephone and a dark room: nothing runs out of the screen, letters stay readable',
    async () => {
      const { app } = await startService({ dashboard: built });
      const id = await create(app, outsideJob);
      await work(app, id, ({ depth }) => depth!);
      const url = await listen(app);
      await browser.resize({ width: 390, height: 800, dark: true });
      for (const hash of ['#/', `#/jobs/${id}`, '#/new', '#/workers']) {
        await browser.visit(`${url}/${hash}`);
        await browser.until('document.querySelector("h1")?.textContent');
        await browser.until('!location.hash.includes("job_") || document.querySelectorAll("figure svg").length === 4');
        expect(await browser.evaluate(OVERFLOW), hash).toBe(0);
      }
      await browser.visit(`${url}/#/jobs/${id}`);
      await browser.until('document.querySelectorAll("figure svg").length === 4');
      const heights = await browser.evaluate<number[]>(
        'Array.from(document.querySelectorAll("figure svg text")).filter((text) => text.textContent.trim()).map((text) => text.getBoundingClientRect().height)',
      );
      expect(Math.min(...heights)).toBeGreaterThan(9);
      const [ink, paper] = await browser.evaluate<string[]>(
        '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
      );
      expect(lightness(paper!)).toBeLessThan(40);
      expect(lightness(ink!)).toBeGreaterThan(200);
    },
    PATIENCE_MS,
  );

  test(
    'a service that goes away is said to be away',
    async () => {
      const { app } = await startService({ dashboard: built });
      await browser.resize({ width: 1280, height: 800 });
      await browser.visit(`${await listen(app)}/#/`);
      await browser.until('document.querySelector("main").textContent.includes("No job yet")');
      await app.close();
      await browser.until(
        'document.querySelector("#notice").textContent.includes("the service cannot be reached; trying again in")',
      );
    },
    PATIENCE_MS,
  );

  test(
    'over plain HTTP from another machine a job can be copied and posted',
    async () => {
      const { app } = await startService({ dashboard: built });
      const id = await create(app, outsideJob);
      await browser.resize({ width: 1280, height: 800 });
      await browser.visit(`${(await listen(app)).replace('127.0.0.1', LAN_NAME)}/#/jobs/${id}`);
      expect(await browser.evaluate('isSecureContext')).toBe(false);
      await browser.until('document.querySelector(".actions")?.textContent.includes("Copy as new job")');
      await browser.evaluate(
        'Array.from(document.querySelectorAll(".actions button")).find(({ textContent }) => textContent === "Copy as new job").click()',
      );
      await browser.until('document.querySelector("textarea")?.value.includes("name: forest")');
      await browser.evaluate('document.querySelector("form button.main").click()');
      await browser.until(`location.hash.startsWith("#/jobs/job_") && !location.hash.includes("${id}")`);
    },
    PATIENCE_MS,
  );

  /** Presses Tab until the expression contains the text. */
  async function tabTo(wantedText: string, expression: string): Promise<void> {
    for (let pressed = 0; pressed < 40; pressed++) {
      await browser.press('Tab');
      if ((await browser.evaluate<string | null>(expression))?.includes(wantedText)) return;
    }
    throw new Error(`Tab does not lead to ${wantedText}`);
  }
});

/** Mean of red, green and blue, 0 to 255. */
function lightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = colour.match(/[\d.]+/g)!.map(Number);
  return (red + green + blue) / 3;
}
