import type { JobSpec } from '@gradsmith/core/spec';
import { expect, it } from 'vitest';
import { describeComplexity } from '../src/follow/describe-complexity.ts';

it('counts what a formula is made of, and leaves out other parameters and texts that are no formula', () => {
  const space = { rule: { type: 'program' }, odd: { type: 'program' }, kind: { type: 'categorical' }, rate: 1 };
  const spec = { space } as unknown as Pick<JobSpec, 'space'>;
  const point = { rule: 'd * max(z, 0.5) + rescale(d)', odd: 'd *', kind: 'd', rate: 1, toString: 'd' };
  expect(describeComplexity(spec, point)).toEqual(['          rule: operands, constants and functions: 8']);
});
