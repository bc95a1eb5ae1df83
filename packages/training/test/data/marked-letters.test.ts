import { describe, expect, it } from 'vitest';
import { createMarkedLetters } from '../../src/data/marked-letters.ts';

const spec = { name: 'marked-letter' as const, length: 6, letters: 5, train: 4000, validation: 100, seed: 0 };

describe('marked letters', () => {
  it('have one mark, and the class is the letter after it', () => {
    const { train, classes, shape } = createMarkedLetters(spec);
    expect([classes, shape]).toEqual([5, [6]]);
    const places = [0, 0, 0, 0, 0, 0];
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < train.count; i++) {
      const tokens = [...train.inputs.subarray(6 * i, 6 * i + 6)];
      const mark = tokens.indexOf(5);
      expect(tokens.filter((token) => token === 5)).toHaveLength(1);
      expect(tokens[mark + 1]).toBe(train.labels[i]);
      expect(tokens.every((token) => Number.isInteger(token) && token >= 0 && token <= 5)).toBe(true);
      places[mark]!++;
      counts[train.labels[i]!]!++;
    }
    // 800 each, at five places and in five classes, with a standard deviation of 25.
    expect(places[5]).toBe(0);
    for (const count of [...places.slice(0, 5), ...counts]) expect(Math.abs(count - 800)).toBeLessThan(100);
  });

  it('are equal for equal seeds only', () => {
    expect(createMarkedLetters(spec)).toEqual(createMarkedLetters(spec));
    expect(createMarkedLetters(spec).train.inputs).not.toEqual(createMarkedLetters({ ...spec, seed: 1 }).train.inputs);
  });

  it('draw training and validation examples independently', () => {
    const few = createMarkedLetters({ ...spec, train: 10 });
    expect(few.validation).toEqual(createMarkedLetters(spec).validation);
    expect(few.validation.inputs.subarray(0, 60)).not.toEqual(few.train.inputs);
  });
});
