import { describe, expect, test } from 'vitest';
import { type ConfirmationData, type ReportData, computeVerdict } from '../../src/index.ts';
import { renderReport } from '../../src/report/render.ts';
import { backpropagation, bFunctions, exampleReport } from '../fixture.ts';

const base = exampleReport();

function confirmed(number: number, mean: number, interval: [number, number] | null): ConfirmationData {
  return {
    number,
    mean,
    interval,
    gains: Array.from({ length: interval ? 5 : 1 }, (_, seed) => ({ seed, gain: mean })),
  };
}

function withConfirmations(...confirmations: ConfirmationData[]): ReportData {
  return { ...base, confirmations };
}

describe('the sentence', () => {
  test('states a confirmed gain with its interval, separate from the search gain', () => {
    const { outcome, sentence } = computeVerdict(withConfirmations(confirmed(17, 0.0496, [0.0366, 0.0626])));
    expect(outcome).toBe('confirmed');
    expect(sentence).toBe(
      'A gain is confirmed: on 5 fresh paired seeds trial 17 beats plain backpropagation by 0.050 in ' +
        'AULC on average (95 % interval 0.037 to 0.063); in the search itself trial 17 was better than ' +
        'plain backpropagation by 0.097 in AULC.',
    );
  });

  test('writes a gain that is smaller than the digits of the values', () => {
    const trials = [{ number: 3, state: 'complete' as const, value: 1.414001, point: {} }];
    const reference = { ...base.reference!, value: 1.414003 };
    const { sentence } = computeVerdict({ ...base, trials, reference, confirmations: [] });
    expect(sentence).toContain('trial 3 was better than plain backpropagation by 2e−6 in AULC');
  });

  test.each([[[-0.001, 0.1]], [[0, 0.1]], [[-0.1, 0]]] as const)(
    'claims nothing when the interval %j does not exclude zero',
    (interval) => {
      const { outcome, sentence } = computeVerdict(withConfirmations(confirmed(17, 0.03, [...interval])));
      expect(outcome).toBe('unconfirmed');
      expect(sentence).toMatch(/^No gain is confirmed: .*contains zero/);
      expect(sentence).not.toMatch(/beats/);
    },
  );

  test.each([[[0.0366, 0.0626]], [[-0.001, 0.1]], [[-0.06, -0.03]]] as const)(
    'with interval %j names the reference of the job, and nothing else',
    ([low, high]) => {
      const name = "the job's own settings";
      const reference = { ...base.reference!, name, label: name };
      const data = { ...withConfirmations(confirmed(17, (low + high) / 2, [low, high])), reference };
      expect(computeVerdict(data).sentence).toContain(`than ${name} by`);
      const page = renderReport({ ...data, bFunctions: [] });
      expect(page).toMatch(/Gains are over the job.{1,6}s own settings/);
      expect(page).not.toMatch(/backpropagation/i);
    },
  );

  test('says that the point is worse on fresh seeds', () => {
    const { outcome, sentence } = computeVerdict(withConfirmations(confirmed(17, -0.02, [-0.03, -0.01])));
    expect(outcome).toBe('worse');
    expect(sentence).toMatch(/^The gain did not hold: .* worse than plain backpropagation by 0.020/);
  });

  test('a single pair confirms nothing', () => {
    const { outcome, sentence } = computeVerdict(withConfirmations(confirmed(17, 0.4, null)));
    expect(outcome).toBe('unconfirmed');
    expect(sentence).toContain('too few pairs for an interval');
  });

  test('without confirmation the gain of the search stays unconfirmed', () => {
    const { outcome, sentence } = computeVerdict(withConfirmations());
    expect(outcome).toBe('unconfirmed');
    expect(sentence).toMatch(/^No gain is confirmed: .*not been run again/);
  });

  test('counts only trials that have settled', () => {
    const data = withConfirmations();
    const settled = data.trials.filter(({ state }) => state !== 'running' && state !== 'pending');
    const open = (['running', 'pending'] as const).map((state, i) => ({ ...settled[0]!, number: 900 + i, state }));
    const { sentence } = computeVerdict({ ...data, trials: [...settled, ...open] });
    expect(sentence).toContain(`the best of ${settled.length} trials by`);
  });

  test('is about the best point of the search, also if other points were confirmed', () => {
    const { outcome, sentence, notes } = computeVerdict(
      withConfirmations(confirmed(9, 0.05, [0.02, 0.08]), confirmed(31, -0.02, [-0.03, -0.01])),
    );
    expect(outcome).toBe('unconfirmed');
    expect(sentence).toMatch(
      /^No gain is confirmed: in the search itself trial 17 was better .*unlike trial 9 and trial 31 it has no pair of/,
    );
    expect(notes.join('\n')).toContain('relu7.d = 3, at the upper bound 3');
    expect(notes.join('\n')).toMatch(
      /Of the 2 points that were run again, trial 9 \(0\.050, 0\.020 to 0\.080\) did better/,
    );
    expect(
      computeVerdict(withConfirmations(confirmed(9, 0.05, [0.02, 0.08]), confirmed(17, -0.02, [-0.03, -0.01])))
        .sentence,
    ).toMatch(/^The gain did not hold: .*trial 17 is worse/);
  });

  test('mentions no gain without a reference', () => {
    for (const value of [null, Number.NaN]) {
      const reference = { ...backpropagation, value };
      const { outcome, sentence } = computeVerdict({ ...base, confirmations: [], reference });
      expect(outcome).toBe('open');
      expect(sentence).toContain('there is no gain');
    }
  });

  describe('if the reference diverged', () => {
    const gain = confirmed(17, 1.87, [1.818, 1.922]);
    const withDivergence = (divergence: object, ...confirmations: ConfirmationData[]): ReportData => ({
      ...base,
      confirmations,
      reference: {
        ...backpropagation,
        value: null,
        divergence: { value: 2.071, diverged: 0, seeds: 0, ...divergence },
      },
    });

    test('judges no gain, and says under which seeds it diverged', () => {
      const data = withDivergence({ diverged: 3, seeds: 3 }, gain);
      const { outcome, sentence, notes } = computeVerdict(data);
      expect(outcome).toBe('open');
      expect(sentence).toBe(
        'No gain can be judged: the reference (plain backpropagation) diverged in the search and under 3 of 3 fresh ' +
          'seeds, so the confirmed gain measures the value that diverged trainings get, and not how much better the ' +
          'point is; the best AULC was 1.741 (trial 17).',
      );
      expect(notes.join(' ')).not.toContain('diverged');
      const page = renderReport(data);
      expect(page).not.toContain('no value to compare with');
      expect(page).toContain('<dd>2.071<small>backpropagation, diverged</small>');
      expect(page).toContain('95 %: 1.818 to 1.922; the reference diverged under 3 of 3 fresh seeds');
      expect(page).toContain('<dt>Search gain</dt><dd>–<small>the reference diverged</small>');
    });

    test('judges no gain without confirm trials', () => {
      const { outcome, sentence } = computeVerdict(withDivergence({}));
      expect(outcome).toBe('open');
      expect(sentence).toMatch(/diverged in the search, so there is no search gain: it would measure the value that/);
    });

    test('does not call a gain confirmed that contains a diverged training', () => {
      const data = withDivergence({ value: null, diverged: 1, seeds: 3 }, gain);
      const complete = { ...data, reference: { ...data.reference!, value: 1.9 } };
      const { outcome, sentence } = computeVerdict(complete);
      expect(outcome).toBe('open');
      expect(sentence).toMatch(/diverged under 1 of 3 fresh seeds, so the confirmed gain measures in part the value/);
      const unclear = { ...complete, confirmations: [confirmed(17, 0.03, [-0.01, 0.07])] };
      expect(computeVerdict(unclear)).toMatchObject({
        outcome: 'unconfirmed',
        notes: expect.arrayContaining([expect.stringContaining('diverged under 1 of 3 fresh seeds')]),
      });
    });

    test('keeps a gain on fresh seeds under which it did not diverge', () => {
      const { outcome, sentence, notes } = computeVerdict(withDivergence({ seeds: 5 }, gain));
      expect(outcome).toBe('confirmed');
      expect(sentence).toMatch(/beats plain backpropagation by 1.870 .*; in the search itself plain .* diverged\.$/);
      expect(notes[0]).toMatch(/diverged in the search and under none of 5 fresh seeds, so there is no search gain/);
    });
  });

  test('uses the confirmed gain if the reference of the search failed', () => {
    const data = {
      ...withConfirmations(confirmed(17, 0.0496, [0.0366, 0.0626])),
      reference: { ...backpropagation, value: null },
    };
    const { outcome, sentence } = computeVerdict(data);
    expect(outcome).toBe('confirmed');
    expect(sentence).toMatch(/in the search itself plain backpropagation has no value\.$/);
  });

  test('does not compare a job without a reference', () => {
    expect(computeVerdict({ ...base, confirmations: [], reference: null })).toMatchObject({
      outcome: 'open',
      sentence: expect.stringMatching(/^The best AULC was 1.741 \(trial 17\); there is no reference run/),
    });
  });

  test('a search that found nothing better says so', () => {
    const { outcome, sentence } = computeVerdict({
      ...base,
      confirmations: [],
      reference: { ...backpropagation, value: 0.1 },
    });
    expect(outcome).toBe('worse');
    expect(sentence).toMatch(/^No gain was found/);
  });

  test('says that no trial has settled', () => {
    expect(
      computeVerdict({ ...exampleReport(), trials: [{ number: 0, state: 'running', value: null, point: {} }] })
        .sentence,
    ).toBe('There is nothing to compare yet: no trial has settled.');
  });

  test('counts the settled trials as the progress does, without cancelled ones', () => {
    const states = ['failed', 'cancelled', 'failed', 'running'] as const;
    const trials = states.map((state, number) => ({ number, state, value: null, point: {} }));
    expect(computeVerdict({ ...base, trials, confirmations: [] }).sentence).toBe(
      'There is nothing to compare: none of 2 settled trials completed.',
    );
  });

  test('without a complete trial there is nothing to compare', () => {
    const trials = base.trials.map((trial) => ({ ...trial, state: 'failed' as const, value: null }));
    expect(computeVerdict({ ...base, trials, confirmations: [] })).toMatchObject({ outcome: 'open', notes: [] });
  });

  test('treats a larger value as better if the metric is maximized', () => {
    const trials = [0.7, 0.9].map((value, number) => ({ number, state: 'complete' as const, value, point: {} }));
    const data = {
      ...base,
      metric: { name: 'accuracy', direction: 'maximize' as const },
      trials,
      reference: { ...backpropagation, value: 0.8 },
      confirmations: [],
      bFunctions: [],
    };
    expect(computeVerdict(data).sentence).toContain(
      'trial 1 was better than plain backpropagation by 0.1000 in accuracy',
    );
  });
});

describe('the notes', () => {
  const notes = (data: ReportData): string => computeVerdict(data).notes.join('\n');
  const shaped = (u: number, b: number, v: number, d: number): ReportData => ({
    ...base,
    bFunctions: [bFunctions([{ number: 17, u, b, v, d }])],
  });

  test('name the parameter at a bound, and the bound', () => {
    expect(notes(base)).toContain('relu7.d = 3, at the upper bound 3');
    expect(notes(base)).not.toContain('relu7.u =');
  });

  test('measure the distance to a bound on the scale of the parameter', () => {
    const withRate = (learningRate: number): string => {
      const trials = base.trials.map((trial) =>
        trial.number === 17 ? { ...trial, point: { ...trial.point, learningRate } } : trial,
      );
      return notes({ ...base, trials });
    };
    expect(withRate(0.005)).not.toContain('learningRate');
    expect(withRate(1.003e-4)).toContain('learningRate = 0.0001003, at the lower bound 0.0001');
    // As in the status of the job, a value within a thousandth of the range is at the bound.
    expect(withRate(1.05e-4)).not.toContain('learningRate');
  });

  test('call a nearly constant g an implicit learning rate', () => {
    expect(notes(shaped(1, 3, 3, 3))).toMatch(
      /nearly constant \(about 5\.9\d*; .*this is an implicit learning rate: try a tuned explicit one/,
    );
    expect(notes(shaped(2.5, 3, 3, 3))).toMatch(/largely constant \(about 5\.2\d*; that makes up 91 % of g²/);
    expect(notes(shaped(0, 0, 0, -2))).toContain('a negative implicit learning rate');
    expect(notes(shaped(1.2, -0.4, 1.6, 0.5))).not.toContain('learning rate');
  });

  test(
    'call a multiple of the replaced derivative an implicit learning rate, and the derivative itself ' +
      'backpropagation',
    () => {
      // tanh(1000 z) jumps at 0 as ReLU′ does.
      expect(notes(shaped(1000, 0, 1, 1))).toMatch(/nearly a multiple of ReLU′ \(2\S* times; .*implicit learning rate/);
      expect(notes(shaped(1000, 0, 0.5, 0.5))).toContain('plain backpropagation');
    },
  );

  test('say what an optimizer that divides by the size of gradients makes of a factor', () => {
    const scaling = 'adam divides by the size of past gradients, so a constant has an effect only where …';
    const adam = (data: ReportData): ReportData => ({
      ...data,
      bFunctions: data.bFunctions.map((layer) => ({ ...layer, scaling })),
    });
    expect(notes(adam(shaped(1000, 0, 1, 1)))).toMatch(
      /nearly a multiple of ReLU′ \(2\S* times; that makes up .* of g² where most inputs lie\): adam divides by/,
    );
    expect(notes(adam(shaped(1000, 0, 1, 1)))).not.toContain('implicit');
    expect(notes(adam(shaped(0, 0, 0, -2)))).toContain('a negative factor climbs the loss; adam divides by');
  });

  test('say how the best point does on the validation examples', () => {
    const best = confirmed(17, 0.05, [0.02, 0.08]);
    const validated = {
      ...best,
      validation: [
        { metric: 'validation-loss', mean: -0.03, interval: [-0.04, -0.02] as const },
        { metric: 'validation-accuracy', mean: -0.002, interval: [-0.006, 0.002] as const },
      ],
    };
    expect(notes(withConfirmations(validated))).toContain(
      'On the validation examples, under the same fresh seeds, trial 17 has a worse validation loss by ' +
        '0.030 ± 0.010, and has no clearly better or worse validation accuracy (−0.0020 ± 0.0040) than ' +
        'plain backpropagation.',
    );
    const unknown = { ...best, validation: [{ metric: 'validation-loss', mean: 1, interval: null }] };
    expect(notes(withConfirmations(unknown, confirmed(9, 0.05, [0.02, 0.08])))).not.toContain('validation');
  });

  test('describe the b-function of the trial that the verdict is about', () => {
    const layer = bFunctions([
      { number: 9, u: 0, b: 0, v: 0, d: 6 },
      { number: 17, u: 1.2, b: 0.4, v: 1.6, d: 1 },
    ]);
    expect(notes({ ...base, bFunctions: [layer] })).not.toContain('implicit');
  });

  test('mention a better candidate as a lead, not as a gain', () => {
    const data = withConfirmations(confirmed(17, 0.01, [-0.02, 0.04]), confirmed(9, 0.05, [0.02, 0.08]));
    expect(computeVerdict(data).outcome).toBe('unconfirmed');
    expect(notes(data)).toMatch(/trial 9 \(0\.050, 0\.020 to 0\.080\).*not a confirmed gain/);
    expect(notes(withConfirmations(confirmed(17, 0.05, [0.02, 0.08]), confirmed(9, 0.05, [0.02, 0.08])))).not.toContain(
      'lead',
    );
  });
});

test('several values at bounds are one note with a list', () => {
  const report = exampleReport();
  const trials = report.trials.map((trial) => ({ ...trial, point: { ...trial.point, 'relu7.u': 5, 'relu7.d': 3 } }));
  const notes = computeVerdict({ ...report, trials }).notes.filter((note) => note.includes('bound'));
  expect(notes).toEqual([
    'Trial 17 is at the bounds of 2 parameters: relu7.u = 5, at the upper bound 5; relu7.d = 3, at the upper ' +
      'bound 3. A better point may lie beyond them; widen the ranges and search again.',
  ]);
});
