import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countByCell, decimatePlaces, computeEnvelope, computeRunningMean } from '../../src/svg/decimate.ts';
import { spreadLabels } from '../../src/svg/labels.ts';
import { formatCoordinate, element, text } from '../../src/svg/markup.ts';
import { shortenText, measureText } from '../../src/svg/metrics.ts';
import { createColumnFormat, formatInterval, formatNumber, formatShare, formatSigned } from '../../src/svg/numbers.ts';
import { createLinearScale, createLogScale, thinTicks } from '../../src/svg/scale.ts';

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
  });

  test('signs and shares', () => {
    expect([formatSigned(0.5), formatSigned(-0.5), formatSigned(0)]).toEqual(['+0.5', '−0.5', '0']);
    expect([formatShare(0.004), formatShare(0.5), formatShare(0)]).toEqual(['<1 %', '50 %', '0 %']);
  });
});

test('spread labels keep distance, order and bounds, and move only if necessary', () => {
  expect(spreadLabels([{ at: 10 }, { at: 50 }], 15, 0, 100)).toEqual([10, 50]);
  expect(spreadLabels([{ at: 50 }, { at: 50 }], 20, 0, 100)).toEqual([40, 60]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -20, max: 120, noNaN: true }), { maxLength: 12 }), (wishes) => {
      const placed = spreadLabels(
        wishes.map((at) => ({ at })),
        15,
        0,
        100,
      );
      const distance = wishes.length > 1 ? Math.min(15, 100 / (wishes.length - 1)) : 0;
      const sorted = placed.toSorted((a, b) => a - b);
      sorted.forEach((at, i) => {
        expect(at).toBeGreaterThanOrEqual(-1e-9);
        expect(at).toBeLessThanOrEqual(100 + 1e-9);
        if (i) expect(at - sorted[i - 1]!).toBeGreaterThanOrEqual(distance - 1e-9);
      });
      for (let i = 1; i < wishes.length; i++)
        expect(Math.sign(placed[i]! - placed[i - 1]!) * Math.sign(wishes[i]! - wishes[i - 1]!)).toBeGreaterThanOrEqual(
          0,
        );
    }),
    { seed: 2 },
  );
});

describe('decimation', () => {
  const places = Array.from({ length: 10_000 }, (_, i) => [i, i === 4321 ? 99 : Math.sin(i / 100)] as const);

  test('a long line keeps its ends, its outliers and its order within the limit', () => {
    const kept = decimatePlaces(places, 400);
    expect(kept.length).toBeLessThanOrEqual(400);
    expect(kept).toContain(places[4321]);
    expect([kept[0], kept.at(-1)]).toEqual([places[0], places.at(-1)]);
    expect(kept.every(([x], i) => i === 0 || x > kept[i - 1]![0])).toBe(true);
  });

  test('an envelope bounds its line', () => {
    const { upper, lower } = computeEnvelope(places, 100);
    expect(upper).toHaveLength(100);
    expect(Math.max(...lower.map(([, y]) => y))).toBe(99);
    expect(upper.every(([, y], i) => y <= lower[i]![1])).toBe(true);
  });

  test('every place is counted once', () => {
    expect(countByCell(places, 7).reduce((sum, { count }) => sum + count, 0)).toBe(places.length);
  });

  test('a running mean is the mean of its window, keeps the first value and skips non-finite values', () => {
    expect([...computeRunningMean([1, 2, 3, 4, 5], 3)]).toEqual([1, 2, 3, 4, 4.5]);
    expect([...computeRunningMean([4, Number.NaN, 8], 3)]).toEqual([4, 6, 8]);
    expect([...computeRunningMean([], 3)]).toEqual([]);
  });
});

describe('scales', () => {
  test('a value outside the domain maps to its border', () => {
    const scale = createLinearScale([0, 10], [100, 200]);
    expect([-5, 0, 5, 10, Infinity].map(scale.place)).toEqual([100, 100, 150, 200, 200]);
  });

  test('ticks have the decimals that they need', () => {
    expect(
      createLinearScale([0, 1], [0, 1])
        .ticks(5)
        .map(({ label }) => label),
    ).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(
      createLinearScale([-50_000, 0], [0, 1])
        .ticks(2)
        .map(({ label }) => label),
    ).toEqual(['−40,000', '−20,000', '0']);
    expect(
      createLinearScale([1e9, 1e9 + 4], [0, 1])
        .ticks(2)
        .map(({ label }) => label),
    ).toEqual(['1e9', '1.000000002e9', '1.000000004e9']);
    expect(
      createLinearScale([0, 3], [0, 1], { integer: true })
        .ticks(10)
        .map(({ label }) => label),
    ).toEqual(['0', '1', '2', '3']);
  });

  test('ticks of a logarithmic scale are inside its domain', () => {
    expect(
      createLogScale([1e-4, 1], [0, 1])
        .ticks(5)
        .map(({ value }) => value),
    ).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(
      createLogScale([2, 9], [0, 1])
        .ticks(5)
        .map(({ value }) => value),
    ).toEqual([2, 5]);
    expect(
      createLogScale([2.1, 2.4], [0, 1])
        .ticks(3)
        .map(({ value }) => value),
    ).toEqual([2.1, 2.2, 2.3, 2.4]);
  });

  test('thinned labels do not touch', () => {
    const scale = createLinearScale([0, 100_000], [0, 300]);
    const ticks = thinTicks(scale.ticks(20), scale);
    expect(ticks.length).toBeGreaterThan(2);
    ticks.forEach(({ value, label }, i) => {
      if (i) expect(scale.place(value) - scale.place(ticks[i - 1]!.value)).toBeGreaterThan(measureText(label));
    });
  });
});

test('shortens a text to the available width', () => {
  expect(shortenText('short', 100)).toBe('short');
  const shortened = shortenText('a rather long name of a parameter', 100);
  expect(shortened).toMatch(/^a rather.*…$/);
  expect(measureText(shortened)).toBeLessThanOrEqual(100);
});
