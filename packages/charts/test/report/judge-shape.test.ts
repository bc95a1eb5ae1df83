import { expect, test } from 'vitest';
import type { BaselineData, IntervalData } from '../../src/report/data.ts';
import { judgeShape } from '../../src/report/judge-shape.ts';

type Gain = { mean: number; interval: IntervalData };

const around = (mean: number, half: number): Gain => ({ mean, interval: [mean - half, mean + half] });

/** A baseline that gained `own` over backpropagation, and over which trial 17 gained `over`. */
function baseline(name: BaselineData['name'], over: Gain | null, own: Gain = around(0.02, 0.005)): BaselineData {
  const point: Record<string, number> = name === 'constant' ? { constant: 2.3 } : { learningRate: 0.05 };
  return {
    name,
    budget: 15,
    settled: 15,
    best: { value: 1.2, point, atBound: [] },
    gain: { ...own, gains: [] },
    confirmed: over ? [{ trial: '17', meanGain: over.mean, interval: over.interval }] : [],
  };
}

function judge(gain: Gain | null, ...baselines: BaselineData[]): ReturnType<typeof judgeShape> {
  const reference = { name: 'plain backpropagation', value: 1.22 };
  return judgeShape({ number: 17, gain, seeds: 5, reference, direction: 'minimize', baselines });
}

const GAIN = around(0.021, 0.004);

test('says that the gain does not need the shape of g if a baseline gains as much', () => {
  const verdict = judge(GAIN, baseline('constant', around(0.001, 0.003)), baseline('learning-rate', around(0, 0.003)));
  expect(verdict).toEqual({
    outcome: 'unconfirmed',
    sentence:
      'On 5 fresh paired seeds, the g of trial 17 beats plain backpropagation by 0.0210 ± 0.0040, ' +
      'and cannot be distinguished from the best constant 2.3 × σ′ (gain +0.0010 ± 0.0030) or the best ' +
      'learning rate 0.05 (gain 0.0000 ± 0.0030): the best ' +
      'constant and the best learning rate gain as much, so the gain does not need the shape of g.',
    notes: [],
  });
});

test('says that the shape is worth more only if every interval is above zero', () => {
  const verdict = judge(GAIN, baseline('constant', around(0.01, 0.003)), baseline('learning-rate', around(0.02, 0.01)));
  expect(verdict).toMatchObject({ outcome: 'confirmed' });
  expect(verdict!.sentence).toMatch(
    /beats plain backpropagation by .*, the best constant 2\.3 × σ′ by 0\.0100 ± 0\.0030 and the best learning rate /,
  );
  expect(verdict!.sentence).toMatch(
    /: the shape of g is worth more than the best constant and the best learning rate\.$/,
  );
});

test.each<[string, Gain | null, BaselineData[], string, RegExp]>([
  [
    'a tuned rate is better',
    GAIN,
    [baseline('constant', around(0, 0.01)), baseline('learning-rate', around(-0.1, 0.02))],
    'worse',
    /is worse than the best learning rate 0\.05 by 0\.100 ± 0\.020: the best .* is worth more than this g\.$/,
  ],
  [
    'both baselines are better',
    GAIN,
    [baseline('constant', around(-0.1, 0.02)), baseline('learning-rate', around(-0.1, 0.02))],
    'worse',
    /: the best constant and the best learning rate are worth more than this g\.$/,
  ],
  [
    'there is no gain',
    around(0.001, 0.004),
    [baseline('constant', around(0, 0.01))],
    'unconfirmed',
    /: there is no gain over plain backpropagation that a shape could explain\.$/,
  ],
  [
    'a baseline with a wide interval has no gain either',
    GAIN,
    [baseline('constant', around(0.01, 0.02), around(0.01, 0.02))],
    'unconfirmed',
    /: these pairs do not show that the shape of g is worth more than the best constant\.$/,
  ],
  [
    'a baseline has no pair',
    GAIN,
    [baseline('constant', null)],
    'open',
    /^Whether the shape of g is worth anything is open: an interval is missing for the gain over the best constant\.$/,
  ],
  ['a baseline has one pair only', GAIN, [baseline('constant', { mean: 1, interval: null })], 'open', /missing/],
  ['the point has no pair', null, [baseline('constant', null)], 'open', /gain over plain backpropagation and the best/],
])('says so if %s', (_, gain, baselines, outcome, sentence) => {
  const verdict = judge(gain, ...baselines);
  expect(verdict!.outcome).toBe(outcome);
  expect(verdict!.sentence).toMatch(sentence);
});

test('confirms nothing, and says why, if a baseline did not keep the gain of its search on fresh seeds', () => {
  const constant = baseline('constant', around(0.03, 0.01), around(-0.01, 0.02));
  const verdict = judge(GAIN, constant, baseline('learning-rate', around(0.01, 0.002)));
  expect(verdict).toMatchObject({ outcome: 'unconfirmed', sentence: expect.stringMatching(/ but not every one of /) });
  expect(verdict!.notes).toEqual([
    expect.stringMatching(/^The best constant gained less on fresh seeds than .* seed /),
  ]);
});

test('says nothing about a job without baselines, or before there is anything to compare', () => {
  expect(judge(GAIN)).toBeNull();
  expect(judge(null, { ...baseline('constant', null), best: null, gain: null })).toBeNull();
});
