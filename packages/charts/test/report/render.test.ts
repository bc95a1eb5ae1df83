import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReportData } from '../../src/index.ts';
import { renderReport } from '../../src/report/render.ts';
import { exampleReport, searchTrials } from '../fixture.ts';
import { parseFigure } from '../parse.ts';

const base = exampleReport();
const basePage = renderReport(base);

/** The page is well-formed XML but for its doctype, so that it can be checked strictly. */
function parsePage(page: string): ReturnType<typeof parseFigure> {
  expect(page.startsWith('<!doctype html>\n')).toBe(true);
  return parseFigure(page.replace('<!doctype html>\n', ''));
}

const plainText = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<svg.*?<\/svg>/gs, '')
    .replace(/<[^>]+>/g, ' ');

test('the page is self-contained', () => {
  const { elements } = parsePage(basePage);
  const names = new Set(elements.map(({ name }) => name));
  for (const external of ['script', 'link', 'img', 'iframe', 'object']) expect(names).not.toContain(external);
  const links = basePage.match(/(?:https?:)?\/\/[^\s"'<]+/g) ?? [];
  expect(new Set(links)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
  expect(policy?.attributes['content']).toContain("default-src 'none'");
});

test('the page has the verdict, the figures, the best trials, the facts and the job file', () => {
  const { elements } = parsePage(basePage);
  expect(elements.filter(({ name }) => name === 'svg')).toHaveLength(18);
  const headings = elements.filter(({ name }) => name === 'h2').map(({ content }) => content);
  expect(headings).toEqual([
    'The b-functions found',
    'Loss over training',
    'The search',
    'Distribution of the values',
    'Confirmed on fresh seeds',
    'Value by parameter',
    'Rank over two parameters',
    'Parallel coordinates',
    'Importance of the parameters',
    'Best trials',
    'How it was run',
    'How to reproduce',
  ]);
  const shown = plainText(basePage);
  for (const part of [
    'A gain is confirmed',
    'upper bound 3',
    'MNIST, 5,000 training images',
    'gradsmith run relu7-meta-network.yaml',
    'trials: 40',
    'run again, it may propose other points',
    'budget 40 trials',
  ])
    expect(shown).toContain(part);
});

test('ids are unique on the page', () => {
  const layers = { ...base, bFunctions: [base.bFunctions[0]!, { ...base.bFunctions[0]!, layer: 'relu8' }] };
  const ids = parsePage(renderReport(layers)).elements.flatMap(({ attributes }) => attributes['id'] ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test('search gain and confirmed gain have separate columns', () => {
  const rows = parsePage(basePage).elements;
  const heads = rows.filter(({ name }) => name === 'th').map(({ content }) => content);
  expect(heads).toEqual(['Trial', 'AULC', 'Search gain', 'Confirmed gain [95 % interval]', 'Point']);
  const cells = rows.filter(({ name }) => name === 'td').map(({ content }) => content);
  expect(cells.slice(0, 4)).toEqual(['17', '1.7410', '+0.0970', '+0.050 [0.037, 0.063]']);
});

test('the card of the confirmed gain shows the best point', () => {
  const cards = (data: ReportData): string =>
    plainText(/<dl class="cards">.*?<\/dl>/s.exec(renderReport(data))![0]).replace(/\s+/g, ' ');
  expect(cards(base)).toContain('Confirmed gain +0.050 95 %: 0.037 to 0.063');
  expect(cards({ ...base, confirmations: base.confirmations.toReversed() })).toContain('Confirmed gain +0.050');
  expect(cards({ ...base, confirmations: base.confirmations.slice(1) })).toContain('Confirmed gain – not confirmed');
});

test('equal data give an equal page, with a time only if one is given', () => {
  expect(renderReport(exampleReport())).toBe(basePage);
  expect(renderReport({ ...base, generatedAt: null })).not.toContain('report of');
});

test('a job without results has a report', () => {
  const empty: ReportData = {
    ...base,
    state: 'queued',
    trials: [],
    reference: null,
    confirmations: [],
    bFunctions: [],
    importance: [],
    facts: [],
    parameters: [],
    reproduce: { jobFile: '', commands: [], notes: [] },
  };
  expect(plainText(renderReport(empty))).toContain('There is nothing to compare');
  parsePage(renderReport(empty));
});

test('a job without a reference has a report without gains', () => {
  const shown = plainText(renderReport({ ...base, reference: null, confirmations: [], bFunctions: [] }));
  expect(shown).toContain('1.741');
  expect(shown).not.toMatch(/\bgains?\b|backpropagation/i);
});

test('a report of 50,000 trials stays small', () => {
  expect(renderReport({ ...base, trials: searchTrials(50_000) }).length).toBeLessThan(1_200_000);
}, 30_000);

test('escapes hostile names', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '</style><script>',
      '</svg></title>',
      ']]>',
      '&lt;',
    ),
  );
  fc.assert(
    fc.property(
      fc.array(hostile, { minLength: 9, maxLength: 9 }),
      ([title, metric, parameter, choice, layer, activation, fact, file, id]) => {
        const page = renderReport({
          ...base,
          title: title!,
          jobId: id!,
          state: fact!,
          generatedAt: file!,
          metric: { name: metric!, direction: 'minimize' },
          confirmations: [],
          parameters: [{ name: parameter!, type: 'categorical', choices: [choice!] }],
          trials: [{ number: 17, state: 'complete', value: 1, point: { [parameter!]: choice! } }],
          bFunctions: [{ ...base.bFunctions[0]!, layer: layer!, activation: activation! }],
          importance: [{ name: parameter!, share: 1 }],
          facts: [{ label: fact!, value: choice! }],
          reproduce: { jobFile: file!, commands: [title!], notes: [file!] },
        });
        const { elements } = parsePage(page);
        expect(elements.filter(({ name }) => name === 'script' || name === 'img')).toEqual([]);
        expect(
          elements.some(({ attributes }) => Object.keys(attributes).some((attribute) => attribute.startsWith('on'))),
        ).toBe(false);
      },
    ),
    { seed: 3, numRuns: 12 },
  );
}, 30_000);

test('a report without results has no empty figures, and one with many parameters stays short', () => {
  const started = {
    ...exampleReport(),
    trials: [{ number: 0, state: 'running' as const, value: null, point: {} }],
    confirmations: [],
    bFunctions: [],
  };
  expect(renderReport(started)).not.toMatch(/Confirmed on fresh seeds|Value by parameter/);
  const names = Array.from({ length: 60 }, (_, i) => `parameter.${i}`);
  const many = {
    ...exampleReport(),
    parameters: names.map((name) => ({ name, type: 'float' as const, low: 0, high: 1 })),
    trials: [
      { number: 0, state: 'complete' as const, value: 1, point: Object.fromEntries(names.map((name) => [name, 0.5])) },
    ],
    importance: [{ name: 'parameter.59', share: 0.9 }],
  };
  const point = plainText(renderReport(many)).match(/parameter\.59\s+0\.5[^]*?and 48 more/)?.[0];
  expect(point?.match(/parameter\.\d+/g)).toHaveLength(12);
});
