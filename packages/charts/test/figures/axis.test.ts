import { describe, expect, test } from 'vitest';
import { chooseExtent, createXAxis, createYAxis } from '../../src/figures/axis.ts';
import { createFrame } from '../../src/figures/figure.ts';

describe('a horizontal axis whose ticks ECharts chooses', () => {
  test.each([
    [[0, 15], true, false],
    [[0, 16], true, true],
    [[1.016, 3.05], false, false],
    [[1, 40], true, true],
    [[-5, 5], true, true],
    [[0, 56.98], true, false],
    [[0.2075, 0.95], false, false],
  ] as const)('from %j labels its ends only if they have room', (extent, low, high) => {
    const frame = createFrame({ width: 640, interactive: true });
    const { axisLabel } = createXAxis(frame, { name: 'x', extent }) as unknown as {
      axisLabel: { showMinLabel: boolean; showMaxLabel: boolean };
    };
    expect(axisLabel).toMatchObject({ showMinLabel: low, showMaxLabel: high });
  });

  test('labels its last whole number only if there is room', () => {
    const frame = createFrame({ width: 640, interactive: true });
    const label = (last: number) => createXAxis(frame, { name: 'trial', extent: [0, last], integer: true }).axisLabel;
    expect([label(29), label(26)]).toMatchObject([{ showMaxLabel: true }, { showMaxLabel: false }]);
  });
});

test.each([
  [0.16, 0.248],
  [0.19, 0.41],
  [-3.1, 5.6],
])('a vertical axis from %d to %d has steps that reach its ends', (low, high) => {
  const extent = chooseExtent([low, high], false);
  const { interval } = createYAxis(createFrame({ width: 640 }), { name: 'y', extent }) as { interval: number };
  const steps = (extent[1] - extent[0]) / interval;
  expect(steps).toBeCloseTo(Math.round(steps), 6);
});
