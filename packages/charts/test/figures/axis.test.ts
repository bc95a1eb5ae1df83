import { describe, expect, test } from 'vitest';
import { createXAxis } from '../../src/figures/axis.ts';
import { createFrame } from '../../src/figures/figure.ts';

describe('a horizontal axis whose ticks ECharts chooses', () => {
  test.each([
    [[0, 15], true, false],
    [[0, 16], true, true],
    [[1.016, 3.05], false, false],
    [[1, 40], true, true],
    [[-5, 5], true, true],
    [[0, 56.98], true, false],
  ] as const)('from %j labels its ends only if they have room', (extent, low, high) => {
    const frame = createFrame({ width: 640, interactive: true });
    const { axisLabel } = createXAxis(frame, { name: 'x', extent }) as unknown as {
      axisLabel: { showMinLabel: boolean; showMaxLabel: boolean };
    };
    expect(axisLabel).toMatchObject({ showMinLabel: low, showMaxLabel: high });
  });
});
