import { join } from 'node:path';
import { createJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { refuseFlood } from '../src/commands/export.ts';
import { openLedger } from '../src/embedded/open.ts';
import { folder, gradsmith } from './support.ts';

test('writes the CSV columns in the order of the space, as the service does, also without trials', async () => {
  const data = join(folder(), 'data');
  const ledger = await openLedger(data);
  const spec = parseJob({
    name: 'columns',
    objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
    space: { zeta: { type: 'float', low: 0, high: 1 }, alpha: { type: 'int', low: 1, high: 9 } },
    search: { trials: 2 },
  });
  await createJob(ledger, 'job_00000000000000000001', spec);
  await ledger.close();
  const { code, stdout } = await gradsmith(['export', 'columns', '--format', 'csv', '--data', data]);
  expect(code).toBe(0);
  expect(stdout).toBe(
    'id,role,number,state,value,source,seed,attempts,createdAt,settledAt,reason,point.zeta,point.alpha\r\n',
  );
});

test('does not flood a terminal: a long output goes to a file', () => {
  expect(() => refuseFlood('x'.repeat(9_000), 'job_1')).not.toThrow();
  expect(() => refuseFlood('x'.repeat(2_500_000), 'job_1')).toThrow(/2\.5 MB.*\n.*gradsmith export job_1 -o FILE/);
});
