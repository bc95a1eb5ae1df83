import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { externalJob } from '../../../api/test/support.ts';
import { create, work } from '../../../api/test/work.ts';
import { TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

/** Height of the legend, px. */
const LEGEND = 50;

/**
 * Expects a PDF of one page as wide as a column, whose only font is in the file, with at least so many curves (each
 * mark has some) and with text, and without a picture.
 */
function expectVectors(pdf: Buffer, marks: number): void {
  const text = pdf.toString('latin1');
  expect(text).toMatch(/^%PDF-/);
  expect(text).toContain('/MediaBox [0 0 252. ');
  expect(text).not.toMatch(/Subtype ?.Image/);
  expect(text.match(/\/BaseFont \/\w+/g)).toEqual(['/BaseFont /Tinos', '/BaseFont /Tinos']);
  expect(text.match(/\/FontFile2 /g)).toHaveLength(1);
  expect(text).toContain('/Ordering (Identity) ');
  const page = [...text.matchAll(/stream\r?\n([^]*?)\r?\nendstream/g)].map(([, stream]) => inflate(stream!)).join('\n');
  expect(page.match(/ c$/gm)!.length).toBeGreaterThanOrEqual(marks);
  expect(page.match(/ Tj$/gm)!.length).toBeGreaterThan(5);
}

function inflate(stream: string): string {
  return inflateSync(Buffer.from(stream, 'latin1')).toString('latin1');
}

describe('figures', { timeout: TIMEOUT_MS }, () => {
  const dashboard = useDashboard();
  const { open, see, start } = dashboard;

  /** Opens the figures of a job with six trials, and returns their values. */
  const openFigures = async (): Promise<{ id: string; values: number[] }> => {
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth, share }) => depth! * share!);
    await open(url, `/jobs/${id}/figures`);
    await see('.figure', 'The search');
    const items: { number: number; value: number }[] = (
      (await app.inject({ url: `/v1/jobs/${id}/trials` })).json() as { items: { number: number; value: number }[] }
    ).items;
    return { id, values: items.toSorted((a, b) => a.number - b.number).map(({ value }) => value) };
  };

  /** Saves the figure "The search" in a format, and returns the file. */
  const save = async (format: string): Promise<{ name: string; content: Buffer }> => {
    const { page } = dashboard;
    await page.getByRole('button', { name: 'Save The search' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: format, exact: true }).click(),
    ]);
    // The menu does not cover the figure any more.
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
  };

  test('are saved as values, SVG, picture and, for a paper, SVG and PDF, under the policy of the page', async () => {
    const { complaints } = dashboard;
    const { values } = await openFigures();
    const csv = await save('CSV');
    expect(csv.name).toBe('forest-the-search.csv');
    const cells = csv.content
      .toString()
      .split(/[\r\n,]+/)
      .map(Number);
    for (const value of values) expect(cells).toContain(value);
    const svg = await save('SVG');
    expect(svg.content.toString()).toMatch(/^<svg [^]*accuracy[^]*<\/svg>$/);
    const paper = await save('SVG for a column of a paper');
    expect([paper.name, paper.content.toString()]).toEqual([
      'forest-the-search-paper.svg',
      expect.stringContaining('Times'),
    ]);
    const pdf = await save('PDF for a column of a paper');
    expect(pdf.name).toBe('forest-the-search-paper.pdf');
    expectVectors(pdf.content, values.length);
    const png = await save('PNG');
    expect(png.content.subarray(1, 4).toString()).toBe('PNG');
    expect(png.content.length).toBeGreaterThan(5_000);
    expect(complaints).toEqual([]);
  });

  test('have a mark for each trial, which tells its value and opens its page', async () => {
    const { page } = dashboard;
    const { id, values } = await openFigures();
    const figure = page.locator('.figure').first();
    await figure.locator('svg').waitFor();
    expect(await figure.locator('[role=img]').getAttribute('aria-label')).toContain('trial');
    // The legend has such a mark, too, and it is above the plot.
    const listMarks = async (): Promise<{ x: number; y: number }[]> =>
      page.evaluate(`(() => {
        const svg = document.querySelector('.figure svg');
        const top = svg.getBoundingClientRect().y + ${LEGEND};
        return [...svg.querySelectorAll('path')]
          .map((mark) => mark.getBoundingClientRect())
          .filter(({ y, width, height }) => y > top && width > 3 && width < 12 && Math.abs(width - height) < 1)
          .map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }));
      })()`);
    await expect.poll(async () => (await listMarks()).length).toBeGreaterThanOrEqual(values.length);
    const { x, y } = (await listMarks())[2]!;
    await page.mouse.move(x + 2, y);
    await page.mouse.move(x, y);
    await expect.poll(() => figure.locator('svg').textContent()).toMatch(/trial \d/i);
    await page.mouse.click(x, y);
    await see('h1', /^Trial \d/);
    expect(page.url()).toContain(`#/jobs/${id}/trials/`);
  });

  test('have a logarithmic axis if the reader wants it', async () => {
    const { page } = dashboard;
    await openFigures();
    const figure = page.locator('.figure').first();
    await figure.locator('svg text').first().waitFor();
    const labels = async (): Promise<string[]> => figure.locator('svg text').allTextContents();
    const before = await labels();
    await figure.getByRole('button', { name: 'Log axis' }).click();
    await expect.poll(labels).not.toEqual(before);
    expect(await figure.getByRole('button', { name: 'Log axis' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('keep the choice of two parameters if the service refuses a pair, and say why', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const range = { type: 'float', low: 0, high: 1 };
    const id = await create(app, { ...externalJob, space: { a: range, b: range, c: range } });
    await work(app, id, ({ a, b }) => a! * b!);
    const detail = 'y must be a numeric parameter';
    const refusal = { type: 'about:blank', title: 'Unprocessable', status: 422, detail };
    await page.route(/\/model\?.*x=/, async (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(refusal) }),
    );
    await open(url, `/jobs/${id}/figures`);
    const up = page.getByLabel('Up', { exact: true });
    await up.waitFor();
    const other = (await up.locator('option:not(:checked)').first().textContent())!;
    await up.selectOption(other);
    await see('.message', detail);
    expect(await up.inputValue()).toBe(other);
    await see('.figure', 'Value by parameter');
    await page.unroute(/\/model\?.*x=/);
  });
});
