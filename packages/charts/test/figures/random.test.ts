import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { draw, type Drawn, parseFigure } from '../parse.ts';

// For any numbers and names, a figure is well-formed and finite.

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, 1, 1e300, -1e300, 1e-300, Number.NaN, Infinity),
);
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('</text><script>', 'relu7.u', '&amp;', '\u0000\ud800', '"\' onload="x', ']]>'),
);
const metric = fc.record({
  name: fc.constantFrom('AULC', 'validation accuracy'),
  direction: fc.constantFrom('minimize', 'maximize'),
});
const width = fc.constantFrom(720, 320, 500, 1000);
const trials = fc
  .array(
    fc.record({
      state: fc.constantFrom('pending', 'running', 'complete', 'pruned', 'diverged', 'failed', 'cancelled'),
      value: fc.option(anyNumber),
      point: fc.record({ a: anyNumber, b: fc.constantFrom('x', 'y', true) }),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.map((trial, number) => ({ ...trial, number })));

function expectSound({ svg }: Drawn): void {
  const { elements } = parseFigure(svg);
  expect(elements.some(({ name: tag }) => tag === 'script')).toBe(false);
}

test('draws searches and slices of any trials and ranges without non-finite coordinates', () => {
  const range = fc.tuple(anyNumber, anyNumber).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const data = fc.record({
    metric,
    trials,
    reference: fc.option(fc.record({ name, label: name, value: fc.option(anyNumber) })),
    parameters: fc
      .tuple(
        range,
        fc.constantFrom('linear', 'log'),
        fc.constantFrom('float', 'int'),
        fc.array(name, { minLength: 1, maxLength: 9 }),
      )
      .map(([[low, high], scale, type, choices]) => [
        { name: 'a', type, low, high, scale },
        { name: 'b', type: 'categorical' as const, choices: ['x', 'y', true, ...choices] },
      ]),
  });
  fc.assert(
    fc.property(data, width, (input, size) => {
      expectSound(draw('search', input, { width: size }));
      expectSound(draw('slices', input, { width: size }));
    }),
    { seed: 1, numRuns: 25 },
  );
});

test('draws b-functions of any shape without non-finite coordinates', () => {
  const samples = fc.array(anyNumber, { maxLength: 30 });
  const data = fc.record({
    layer: name,
    activation: name,
    z: samples.map((z) => z.toSorted((a, b) => a - b)),
    derivative: samples,
    found: fc.array(fc.record({ number: fc.nat(), g: samples }), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(data, fc.nat(6), width, (input, count, size) =>
      expectSound(draw('b-functions', { ...input, count }, { width: size })),
    ),
    { seed: 2, numRuns: 25 },
  );
});

test('draws implicit learning rates of any inputs without non-finite coordinates', () => {
  const samples = fc.array(anyNumber, { maxLength: 30 });
  const moment = fc.record({
    step: fc.nat(),
    limit: fc.constantFrom(5, 80, 5e30),
    counts: fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
  });
  const data = fc.record({
    layer: name,
    activation: name,
    z: samples.map((z) => z.toSorted((a, b) => a - b)),
    derivative: samples,
    found: fc.record({ number: fc.nat(), g: samples }),
    learningRate: fc.option(anyNumber),
    dead: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    inputs: fc.array(moment, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(data, width, (input, size) => expectSound(draw('implicit-rate', input, { width: size }))),
    { seed: 6, numRuns: 25 },
  );
});

test('draws loss curves of any values without non-finite coordinates', () => {
  const curve = fc.record({
    name,
    values: fc.oneof(
      fc.array(anyNumber, { maxLength: 40 }),
      fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1001, maxLength: 1100 }),
    ),
  });
  const data = fc.record({
    meaning: fc.record({ quantity: name, cap: fc.option(anyNumber), isArea: fc.boolean() }),
    trials: fc.array(curve, { maxLength: 4 }),
    reference: fc.option(curve),
  });
  fc.assert(
    fc.property(data, width, (input, size) => expectSound(draw('curves', input, { width: size }))),
    { seed: 3, numRuns: 25 },
  );
});

test('draws any confirmations without non-finite coordinates', () => {
  const confirmation = fc.record({
    number: fc.nat(),
    mean: anyNumber,
    gains: fc.array(fc.record({ seed: fc.nat(), gain: anyNumber }), { maxLength: 6 }),
    interval: fc.option(fc.tuple(anyNumber, anyNumber)),
  });
  const reference = fc.option(fc.record({ name, label: name }));
  const data = fc.record({ metric, reference, confirmations: fc.array(confirmation, { maxLength: 8 }) });
  fc.assert(
    fc.property(data, fc.constantFrom(320, 720, 1000), (input, size) =>
      expectSound(draw('confirmations', input, { width: size })),
    ),
    { seed: 4, numRuns: 25 },
  );
});

test('draws any importances without non-finite coordinates', () => {
  const data = fc.array(fc.record({ name, share: anyNumber }), { maxLength: 30 });
  fc.assert(
    fc.property(data, width, (input, size) => {
      expectSound(draw('importance', input, { width: size }));
    }),
    { seed: 5, numRuns: 25 },
  );
});
