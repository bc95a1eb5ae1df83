import { describe, expect, it } from 'vitest';
import { collectPaths, findSlice, type PathsData, placeInSlice, projectPath } from '../src/index.ts';
import { badlyPlaced, draw, parseFigure } from './parse.ts';

/** A path in the plane of the first two of four weights, except for a small third one. */
const path = Array.from({ length: 30 }, (_, i) => [i, Math.sin(i / 5) * 3, 0.01 * (i % 2), 2]);

describe('the slice through the weights', () => {
  it('contains the largest share of the paths', () => {
    const slice = findSlice([path]);
    expect(slice.share).toBeGreaterThan(0.9999);
    expect(slice.share).toBeLessThan(1);
    const [first, second] = slice.directions;
    const product = first.reduce((sum, value, i) => sum + value * second[i]!, 0);
    expect(product).toBeCloseTo(0, 12);
    expect(Math.hypot(...first)).toBeCloseTo(1, 12);
    expect(Math.abs(first[0]!)).toBeGreaterThan(0.9);
  });

  it('has the weights of a path at its places', () => {
    const slice = findSlice([path]);
    const { points, share } = projectPath(path, slice);
    expect(share).toBeGreaterThan(0.9999);
    for (const [i, [x, y]] of points.entries())
      for (const [k, weight] of placeInSlice(slice, x, y).entries()) expect(weight).toBeCloseTo(path[i]![k]!, 1);
  });

  it('accepts paths that never move', () => {
    const still = [
      [1, 2],
      [1, 2],
    ];
    const slice = findSlice([still]);
    expect(slice.share).toBe(1);
    expect(projectPath(still, slice)).toEqual({
      points: [
        [0, 0],
        [0, 0],
      ],
      share: null,
    });
  });
});

describe('the figure of paths', () => {
  const grid = [0, 1, 2, 3, 4];
  const data: PathsData = {
    layer: 'fc2',
    share: 0.8,
    obstacle: null,
    landscape: {
      x: grid,
      y: grid,
      losses: grid.flatMap((y) => grid.map((x) => (x - 2) ** 2 + (y - 2) ** 2)),
      examples: 9,
    },
    paths: [
      {
        name: 'backpropagation',
        trial: null,
        points: [
          [0, 0],
          [2, 2],
        ],
        share: 0.9,
        cosine: 1,
      },
      {
        name: 'a < b',
        trial: 3,
        points: [
          [0, 0],
          [3, 1],
        ],
        share: null,
        cosine: -0.25,
      },
    ],
  };

  it('is well-formed and says in words what it shows', () => {
    const { svg, find, toTable } = draw('paths', data);
    expect(badlyPlaced(parseFigure(svg))).toEqual([]);
    expect(svg).toContain('80 % of their variation: backpropagation (mean cosine 1.00, 90 % in the plane); a &lt; b');
    expect(find('loss').data.length).toBeGreaterThan(5);
    expect(find('trial:3').data).toEqual(data.paths[1]!.points);
    expect(find('start').data).toEqual([[0, 0]]);
    expect(toTable().rows).toContainEqual(['a < b', 1, 3, 1]);
  });

  it('has no levels without a landscape, and fits narrow pages', () => {
    const { svg, series } = draw('paths', { ...data, landscape: null, obstacle: 'fc1 learns, too' }, { width: 342 });
    expect(series.some(({ id }) => id === 'loss')).toBe(false);
    expect(parseFigure(svg).width).toBe(342);
  });
});

it('paths of recorded weights are collected in their plane, without the loss around them', () => {
  const weights = path.map((snapshot) => Float32Array.from(snapshot));
  const found = collectPaths('fc2', [{ name: 'a', trial: 3, cosine: 0.5, weights }], 'it was not measured')!;
  expect(found).toMatchObject({ layer: 'fc2', landscape: null, obstacle: 'it was not measured' });
  expect(found.paths[0]).toMatchObject({ name: 'a', trial: 3, cosine: 0.5 });
  expect(found.paths[0]!.points).toHaveLength(30);
  expect(collectPaths('fc2', [], '')).toBeNull();
});
