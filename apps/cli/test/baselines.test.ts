import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, gaussians, gradsmith, jobFile, omitWait } from './support.ts';

const against = ['backpropagation', 'constant', 'learning-rate'] as (
  | 'backpropagation'
  | 'constant'
  | 'learning-rate'
)[];

test('a job tunes its null hypotheses, and every output says what the shape of g is worth', async () => {
  const cwd = folder();
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await gradsmith(args, { cwd });
    expect([args.join(' '), code, omitWait(stderr)]).toEqual([args.join(' '), 0, '']);
    return stdout;
  };
  jobFile(cwd, gaussians({ trials: 4, confirm: { top: 1, seeds: 3, against, budget: 3 } }));
  const output = await run('run', 'job.json', '--slots', '2', '--report', 'report.html');
  // The reference, two baselines of three trials each, and three seeds for four candidates.
  expect(output).toMatch(/^\[23\/23\] confirm /m);
  expect(output).toMatch(/baseline learning-rate-2 +aulc [\d.]+ .*learningRate=/);
  expect(output).toMatch(/^trials +4 complete; budget 4$/m);
  expect(output).toMatch(
    /^constant +aulc [\d.]+, constant [\d.]+ × σ′ \(3 of 3 trials\); [+−][\d.]+ ± [\d.]+ against/m,
  );
  expect(output).toMatch(/^rate +aulc [\d.]+, learning rate [\d.]+ \(3 of 3 trials\); /m);
  expect(output).toMatch(/^shape +On 3 fresh paired seeds, the g of trial \d .*backpropagation.*\.$/m);
  expect(await run('replay')).toContain('10 of 10 points reproduced bit for bit');
  expect(await run('trials', '--role', 'baseline')).toMatch(/constant-0[^]*learning-rate-2/);
  const { baselines } = JSON.parse(await run('best', '--json')) as { baselines: object[] };
  expect(baselines).toMatchObject([
    { name: 'constant', budget: 3, settled: 3, confirmed: [{ seeds: 3 }] },
    { name: 'learning-rate', gain: { seeds: 3 } },
  ]);
  const report = readFileSync(join(cwd, 'report.html'), 'utf8');
  expect(report).toContain('<h2>Null hypotheses</h2>');
  expect(report).toContain('adam divides by the size of past gradients');
  expect(report).toMatch(/On the validation examples, under the same fresh seeds, trial \d+ has /);
  const [head, ...rows] = (await run('export', '--format', 'csv')).trim().split('\r\n');
  expect(head).toContain('point.relu2.d,point.constant,point.learningRate');
  expect(rows.filter((row) => row.includes(',baseline,'))).toHaveLength(6);
  const document = await run('export');
  jobFile(cwd, document, 'document.json');
  await run('import', 'document.json', '--data', 'other');
  expect(JSON.parse(await run('export', '--data', 'other'))).toEqual(JSON.parse(document));
  expect(await run('replay', '--data', 'other')).toContain('10 of 10 points');
}, 60_000);
