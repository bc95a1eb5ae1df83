import { trialLeaseSchema } from '@gradsmith/core/domain';
import { expect, test } from 'vitest';
import { trialLeaseOption } from '../src/options.ts';
import { allCommands, makeProgram } from '../src/program.ts';

const worker = allCommands(makeProgram()).find((command) => command.name() === 'worker')!;
const option = worker.options.find(({ long }) => long === '--trial-lease')!;

test('the lease of a worker has the default of the coordinators, and is set by the same variable', () => {
  expect(option.defaultValue).toBe(trialLeaseSchema.parse(undefined));
  expect(option.envVar).toBe('GRADSMITH_TRIAL_LEASE_MS');
});

test.each(['1000', '30000', '999', '0', '1.5', '-1', 'long'])('takes %s if the coordinators do', (text) => {
  const accepts = trialLeaseSchema.safeParse(text).success;
  if (accepts) expect(trialLeaseOption(text)).toBe(Number(text));
  else expect(() => trialLeaseOption(text)).toThrow('milliseconds from 1000');
});
