import { describe, expect, test } from 'vitest';
import { computeVerdict, type ParetoData } from '../../src/index.ts';
import { renderReport } from '../../src/report/render.ts';
import { exampleReport } from '../fixture.ts';
import { draw } from '../parse.ts';

const pareto: ParetoData = {
  objectives: [
    { name: 'error', direction: 'minimize' },
    { name: 'speed', direction: 'maximize' },
  ],
  outcomes: [
    { number: 2, values: [1, 2], kind: 'front' },
    { number: 1, values: [2, 4], kind: 'front' },
    { number: 4, values: [5, 1], kind: 'dominated' },
    { number: 6, values: [4, 9], kind: 'infeasible' },
  ],
  hypervolume: 50,
  reference: [9, 0],
};

describe('the figure of a Pareto front', () => {
  test('distinguishes the front, dominated and infeasible trials, and draws what the front dominates', () => {
    const { legend, find, description, toTable } = draw('pareto', pareto);
    expect(legend).toEqual(['dominated 1', 'infeasible 1', 'on the front 2', 'border of what it dominates']);
    expect(find('trials:front').data.map(([x, y]) => [x, y])).toEqual([
      [1, 2],
      [2, 4],
    ]);
    expect(description).toMatch(/2 trials of 4 on the Pareto front of error, speed. Hypervolume 50 .* 9, 0/);
    expect(toTable()).toMatchObject({ columns: ['trial', 'kind', 'error', 'speed'], rows: expect.any(Array) });
  });

  test.each(['minimize', 'maximize'] as const)('the border passes through the front (%s)', (direction) => {
    const turned = { ...pareto, objectives: pareto.objectives.map((each) => ({ ...each, direction })) };
    const outcomes: ParetoData['outcomes'] = [
      { number: 0, values: [1, 3], kind: 'front' },
      { number: 1, values: [2, 2], kind: 'front' },
      { number: 2, values: [3, 1], kind: 'front' },
    ];
    const places = draw('pareto', { ...turned, outcomes }).find('front').data;
    for (const { values } of outcomes) expect(places).toContainEqual(values);
    const corner = direction === 'minimize' ? [2, 3] : [1, 2];
    expect(places).toContainEqual(corner);
  });

  test('has round ends on its vertical axis', () => {
    const outcomes = [3.27, 68.1].map((y, number) => ({ number, values: [1 - number, y], kind: 'front' as const }));
    expect(draw('pareto', { ...pareto, outcomes }).y).toMatchObject({ min: 0, max: 80 });
  });

  test('three objectives are seen in the first two, and an empty front says so', () => {
    const third = { name: 'memory', direction: 'minimize' } as const;
    const outcomes = pareto.outcomes.map((one) => ({ ...one, values: [...one.values, 7] }));
    const { legend, notes } = draw('pareto', { ...pareto, objectives: [...pareto.objectives, third], outcomes });
    expect(legend).not.toContain('border of what it dominates');
    expect(notes.join()).toContain('seen in the first two');
    expect(draw('pareto', { ...pareto, outcomes: [] }).svg).toContain('No trial is on the front.');
  });
});

test('the report of a job with several objectives has the front and claims no best trial', () => {
  const report = { ...exampleReport(), pareto };
  expect(computeVerdict(report).sentence).toMatch(/no best trial: 2 trials on the Pareto front/);
  const page = renderReport(report);
  expect(page).toContain('Trials on the Pareto front');
  expect(page).not.toContain('Best trials');
  // Values by parameter have the front. Ranks would be those of the first objective alone.
  expect(page).toContain('Value by parameter');
  expect(page).not.toContain('Rank over two parameters');
});

test('the report writes the values on the front with all digits that the command line shows', () => {
  const outcomes = [0.0184, 0.02, 2.1142e-5].map((value, number) => ({
    number,
    values: [value, 5 - value],
    kind: 'front' as const,
  }));
  const page = renderReport({ ...exampleReport(), pareto: { ...pareto, outcomes } });
  expect(page).toContain('<td class="number">2.114e−5</td>');
});

test('the search figure and the report mark infeasible trials, which are never the best', () => {
  const base = exampleReport();
  const best = base.trials.toSorted((a, b) => (a.value ?? Infinity) - (b.value ?? Infinity));
  const trials = base.trials.map((trial) =>
    trial.number === best.find(({ state }) => state === 'complete')!.number
      ? { ...trial, state: 'infeasible' as const }
      : trial,
  );
  expect(draw('search', { ...base, trials }).legend.join()).toContain('infeasible 1');
  expect(renderReport({ ...base, trials })).toContain('1 infeasible');
});

describe('figures of a job with several objectives', () => {
  // Trial 3 has the best first objective, but it is not on the front.
  const trials = [5, 4, 3, 1].map((value, number) => ({
    number,
    state: 'complete' as const,
    value,
    point: { a: value / 10, b: 1 - value / 10 },
  }));
  const parameters = ['a', 'b'].map((name) => ({ name, type: 'float' as const, low: 0, high: 1 }));
  const at = [0, 1];
  const grid = { x: { name: 'a', at }, y: { name: 'b', at }, mean: [1, 2, 3, 4], deviation: [1, 1, 1, 1] };
  const model = { point: { a: 0, b: 0 }, slices: [], grid };
  const data = {
    metric: { name: 'error', direction: 'minimize' as const },
    parameters,
    trials,
    reference: null,
    model,
  };
  const front = 'on the Pareto front';

  test('mark the front and no best trial', () => {
    for (const kind of ['search', 'slices', 'contour', 'parallel'] as const) {
      const { legend, description } = draw(kind, { ...data, pareto });
      expect(legend).toContain(front);
      expect([...legend, description].filter((text) => /^best|Best \d/.test(text))).toEqual([]);
      expect(draw(kind, data).legend).toContainEqual(expect.stringMatching(/^best/));
    }
    const listNumbers = (kind: 'search' | 'slices' | 'contour', id: string) =>
      draw(kind, { ...data, pareto })
        .find(id)
        .data.map((place) => place[2]);
    expect(listNumbers('search', 'trials:best')).toEqual([1, 2]);
    expect(listNumbers('slices', 'trials:best:0')).toEqual([1, 2]);
    expect(listNumbers('contour', 'trials:best')).toEqual([1, 2]);
    const { data: lines } = draw('parallel', { ...data, pareto }).find('trials:best');
    expect((lines as unknown as { trial: number }[]).map(({ trial }) => trial).toSorted()).toEqual([1, 2]);
  });

  test('do not rank trials by one value', () => {
    expect(draw('rank', { ...data, pareto }).svg).toContain('With several objectives, trials are not ranked');
    expect(draw('rank', data).description).toContain('The best, trial 3,');
  });
});
