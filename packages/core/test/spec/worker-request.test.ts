import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseEnvironment, slotLimitsSchema } from '../../src/domain/index.ts';
import { parseJob, workerLabelsSchema } from '../../src/spec/index.ts';
import { outsideInput } from '../support/external.ts';
import { jobInput } from '../support/jobs.ts';

const problems = (input: object): string => {
  try {
    parseJob(input);
    return 'none';
  } catch (error) {
    return String(error);
  }
};

describe('a job', () => {
  test('may ask for workers and have a priority', () => {
    const input = { ...jobInput, priority: -3, workers: { labels: ['a100'], device: 'gpu' } };
    expect(parseJob(input)).toMatchObject({ priority: -3, workers: { labels: ['a100'], device: 'gpu' } });
    expect(parseJob(jobInput)).not.toHaveProperty('workers');
  });

  test('without workers cannot ask for some, and the message names the place', () => {
    expect(problems({ ...outsideInput, workers: { labels: ['a'] } })).toContain('external objectives have no workers');
    expect(problems({ ...jobInput, workers: { labels: ['A 100'] } })).toMatch(/workers.*labels.*lower-case/s);
    expect(problems({ ...jobInput, priority: 101 })).toMatch(/priority.*100/s);
  });
});

describe('settings', () => {
  test('name the labels of a worker', () => {
    expect(workerLabelsSchema.parse(' a100, zone-b,')).toEqual(['a100', 'zone-b']);
    expect(workerLabelsSchema.parse('')).toEqual([]);
    expect(workerLabelsSchema.safeParse('a100,Zone B').success).toBe(false);
  });

  test('limit the slots of labels, for one value or for each', () => {
    expect(slotLimitsSchema.parse('license:matlab=4, owner:*=16')).toEqual([
      { label: 'license', value: 'matlab', slots: 4 },
      { label: 'owner', value: null, slots: 16 },
    ]);
    expect(slotLimitsSchema.parse('url:http://host=a=2')).toEqual([{ label: 'url', value: 'http://host=a', slots: 2 }]);
    const settings = z.object({ LIMITS: slotLimitsSchema });
    expect(() => parseEnvironment(settings, { LIMITS: 'owner=3' })).toThrow('LIMITS: has "owner=3"; write NAME:VALUE=');
  });
});
