import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, gradsmith, jobFile, omitWait } from './support.ts';

/** Names that every object has from its prototype. As names of the user, they are names like any other. */
const job = {
  name: 'object-names',
  labels: { constructor: 'tostring' },
  objective: {
    kind: 'module',
    module: 'constructor',
    metric: { name: 'toString', direction: 'maximize' },
    options: { valueOf: 2 },
  },
  space: {
    constructor: { type: 'float', low: 0, high: 1 },
    toString: { type: 'categorical', choices: ['constructor', 'toString', '__proto__', 'hasOwnProperty'] },
    hasOwnProperty: { type: 'int', low: 1, high: 9 },
    valueOf: 3,
  },
  search: { algorithm: 'gp', trials: 5, initial: 3, maxParallelism: 1, seed: 1 },
};
const module = `export default async (point, { options, report }) => {
  await report(1, point.constructor);
  const value = point.constructor + point.hasOwnProperty * options.valueOf;
  return { value, metrics: { constructor: point.valueOf, isPrototypeOf: 4 } };
};`;

test('parameters, choices, metrics, labels and options may have the names of object properties', async () => {
  const cwd = folder();
  jobFile(cwd, JSON.stringify(job));
  mkdirSync(join(cwd, 'modules'));
  writeFileSync(join(cwd, 'modules/constructor.mjs'), module);
  const texts: string[] = [];
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await gradsmith(args, { cwd });
    expect([args.join(' '), code, omitWait(stderr)]).toEqual([args.join(' '), 0, '']);
    texts.push(stdout);
    return stdout;
  };
  expect(await run('validate', 'job.json')).toContain('constructor      float from 0 to 1\n');
  await run('run', 'job.json', '--modules', 'modules', '--slots', '1');
  expect(await run('jobs', '--label', 'constructor:tostring')).toContain('object-names');
  expect(await run('best', 'object-names')).toMatch(/ {2}constructor: 0?\.?\d+\n/);
  expect(await run('trials')).toMatch(/toString=(constructor|toString|__proto__|hasOwnProperty)/);
  expect(await run('trials', 'object-names', '0')).toMatch(/isPrototypeOf +4/);
  expect(await run('replay')).toContain('5 of 5 points reproduced bit for bit');
  const [head, first] = (await run('export', '--format', 'csv')).split('\r\n');
  const cells = Object.fromEntries(head!.split(',').map((name, i) => [name, first!.split(',')[i]]));
  expect(cells).toMatchObject({ 'point.valueOf': '3', 'metric.constructor': '3', 'metric.isPrototypeOf': '4' });
  await run('report', '-o', 'report.html');
  texts.push(readFileSync(join(cwd, 'report.html'), 'utf8'));
  for (const text of texts) expect(text).not.toMatch(/native code|\[object|function Object/);
}, 120_000);
