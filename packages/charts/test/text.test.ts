import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeEnvelope, computeRunningMean, countByCell, joinCells } from '../src/figures/decimate.ts';
import { formatCsv } from '../src/index.ts';
import { element, formatCoordinate, text } from '../src/text/markup.ts';
import { measureText, shortenText } from '../src/text/metrics.ts';
import {
  createColumnFormat,
  createExactColumnFormat,
  formatInterval,
  formatNonzero,
  formatNumber,
  formatShare,
  formatSigned,
} from '../src/text/numbers.ts';

describe('markup', () => {
  test('text and attributes are escaped', () => {
    expect(element('a', { title: '"<&\'>' }, [text('<b>&')])).toBe(
      '<a title="&quot;&lt;&amp;&#39;&gt;">&lt;b&gt;&amp;</a>',
    );
  });

  test('replaces characters that XML does not allow', () => {
    expect(text('a\u0000b\ud800c\uffff')).toBe('a\ufffdb\ufffdc\ufffd');
  });

  test('a coordinate that is not finite is refused', () => {
    expect(() => formatCoordinate(Number.NaN)).toThrow(RangeError);
    expect(formatCoordinate(-0.001)).toBe('0');
    expect(formatCoordinate(1.005)).toBe('1');
  });
});

describe('numbers', () => {
  test.each([
    [0, '0'],
    [1.741, '1.741'],
    [-0.05, '−0.05'],
    [1234.5, '1,235'],
    [0.00001234, '1.234e−5'],
    [2.5e9, '2.5e9'],
    [Number.NaN, 'not a number'],
    [-Infinity, '−∞'],
  ])('%d is written %s', (value, written) => {
    expect(formatNumber(value)).toBe(written);
  });

  test('an interval is written to two digits of its half width', () => {
    expect(formatInterval(0.04963, [0.0366, 0.0626])).toEqual({ mean: '0.050', low: '0.037', high: '0.063' });
    expect(formatInterval(120, [20, 220])).toEqual({ mean: '120', low: '20', high: '220' });
  });

  test('rounding never moves an end of an interval onto or across zero', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.double({ min: 1e-6, max: 1e5 }), (low, width) => {
        const written = formatInterval(low + width / 2, [low, low + width]);
        for (const [end, text] of [
          [low, written.low],
          [low + width, written.high],
        ] as const)
          expect(0 + Math.sign(Number(text.replace('−', '-').replace(/e−/, 'e-').replaceAll(',', '')))).toEqual(
            Math.sign(end) + 0,
          );
      }),
      { seed: 1 },
    );
  });

  test('the numbers of a column have the same decimals', () => {
    expect([1.89, 0.0015, -0.0001].map(createColumnFormat([1.89, null]))).toEqual(['1.890', '0.002', '0.000']);
    expect([1e9, 2].map(createColumnFormat([1e9]))).toEqual(['1e9', '2']);
    expect([0, 1e9].map(createColumnFormat([0.5, 0]))).toEqual(['0.0000', '1e9']);
    expect([0, 3].map(createColumnFormat([0, 0, null]))).toEqual(['0', '3']);
    // Values of very different size have no decimals in common.
    expect([0.0001, 2.3].map(createColumnFormat([0.0001, 2.3]))).toEqual(['0.0001', '2.3']);
    expect([3e-4, 850_000].map(createColumnFormat([3e-4, 850_000]))).toEqual(['0.0003', '850,000']);
  });

  test('a difference that the decimals of a column would write as 0 has its own digits', () => {
    const format = createColumnFormat([1.89, null]);
    const written = [0.0015, 2e-6, -2e-6, 0].map((value) => formatNonzero(value, format));
    expect(written).toEqual(['0.002', '2e−6', '−2e−6', '0.000']);
  });

  test('the numbers of a column have four digits, also next to a large one, and more if they tell them apart', () => {
    const write = (...values: number[]): string[] => values.map(createColumnFormat(values));
    expect(write(0.0893, 0.0905, 2.308)).toEqual(['0.08930', '0.09050', '2.30800']);
    expect(write(0.089301, 0.089304, 0.0901)).toEqual(['0.089301', '0.089304', '0.090100']);
    expect(write(0.5, 0.500002, 0.50000200001)).toEqual(['0.500000', '0.500002', '0.500002']);
    expect(write(0.5, 0.50000001)).toEqual(['0.5000', '0.5000']);
    expect(write(12_345, 12_350)).toEqual(['12345', '12350']);
  });

  test('an exact column shows every value with at least four digits', () => {
    const write = (...values: number[]): string[] => values.map(createExactColumnFormat(values));
    expect(write(2.1142e-5, 0.0184, 0.02)).toEqual(['2.114e−5', '0.01840', '0.02000']);
    expect(write(-2.1142e-5, -0.0184)).toEqual(['−2.114e−5', '−0.0184']);
    expect(write(0, 0.5, 1.25)).toEqual(['0.0000', '0.5000', '1.2500']);
    expect(write(12_345, 12_350)).toEqual(['12345', '12350']);
    expect(write(3e-7, 1e9)).toEqual(['3e−7', '1e9']);
  });

  test('signs and shares', () => {
    expect([formatSigned(0.5), formatSigned(-0.5), formatSigned(0)]).toEqual(['+0.5', '−0.5', '0']);
    expect([formatShare(0.004), formatShare(0.5), formatShare(0)]).toEqual(['<1 %', '50 %', '0 %']);
  });
});

describe('decimation', () => {
  const places = Array.from({ length: 10_000 }, (_, i) => [i, i === 4321 ? 99 : Math.sin(i / 100)] as const);

  test('an envelope bounds its line', () => {
    const bands = computeEnvelope(places, 100);
    expect(bands).toHaveLength(100);
    expect(Math.max(...bands.map(([, , high]) => high))).toBe(99);
    expect(bands.every(([, low, high]) => low <= high)).toBe(true);
  });

  test('every place is counted once, and neighbors are joined', () => {
    const cells = countByCell(places.map(([x], i) => [Math.floor(x / 7), i % 3] as const));
    expect(joinCells(cells).reduce((sum, { count }) => sum + count, 0)).toBe(places.length);
    const corner = [0, 1, 3].map((column) => [column, 0] as const);
    expect(joinCells(countByCell([...corner, [3, 1]]))).toEqual([
      { column: 0, row: 0, length: 2, count: 2 },
      { column: 3, row: 0, length: 1, count: 1 },
      { column: 3, row: 1, length: 1, count: 1 },
    ]);
  });

  test('a running mean is the mean of its window, keeps the first value and skips non-finite values', () => {
    expect([...computeRunningMean([1, 2, 3, 4, 5], 3)]).toEqual([1, 2, 3, 4, 4.5]);
    expect([...computeRunningMean([4, Number.NaN, 8], 3)]).toEqual([4, 6, 8]);
    expect([...computeRunningMean([], 3)]).toEqual([]);
  });
});

test('shortens a text to the available width', () => {
  expect(shortenText('short', 100)).toBe('short');
  const shortened = shortenText('a rather long name of a parameter', 100);
  expect(shortened).toMatch(/^a rather.*…$/);
  expect(measureText(shortened)).toBeLessThanOrEqual(100);
});

test('CSV quotes what would break a row, keeps all digits, and starts no formula', () => {
  const rows = [
    [0.1 + 0.2, 'a,"b"\n', null],
    [-1, '=HYPERLINK("x")', true],
  ];
  expect(formatCsv({ columns: ['value', 'note', 'flag'], rows })).toBe(
    'value,note,flag\r\n0.30000000000000004,"a,""b""\n",\r\n-1,"\'=HYPERLINK(""x"")",true\r\n',
  );
});

test.each(['__proto__', 'constructor', 'toString'])('a label %s is no name of a property of objects', (name) => {
  expect(shortenText(name, 1_000)).toBe(`${name}\u200b`);
  expect(shortenText(`${name}s`, 1_000)).toBe(`${name}s`);
});
