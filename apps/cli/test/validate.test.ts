import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folder, gradsmith } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const job = `
name: several
objective: { kind: external, metric: { name: err, direction: minimize } }
objectives: [{ metric: err, goal: minimize }, { metric: speed, goal: maximize }]
space:
  share: { type: float, low: 0, high: 1, step: 0.3 }
  mode: { type: categorical, choices: [1, "1", true, "true", plain] }
search: { trials: 24, algorithm: nsga-ii }
`;

test('validate names every objective, steps, and texts that look like other values', async () => {
  const file = join(folder(), 'job.yaml');
  writeFileSync(file, job);
  const { code, stdout } = await gradsmith(['validate', file]);
  expect(code).toBe(0);
  expect(stdout).toContain('several, 24 trials of err to minimize and speed to maximize\n');
  expect(stdout).toMatch(/^ {2}share +float from 0 to 1 in steps of 0\.3$/m);
  expect(stdout).toMatch(/^ {2}mode +categorical one of 1, "1", true, "true", plain$/m);
  const { stdout: json } = await gradsmith(['validate', file, '--json']);
  expect(JSON.parse(json)).toMatchObject({
    objectives: [
      { metric: 'err', goal: 'minimize' },
      { metric: 'speed', goal: 'maximize' },
    ],
  });
});
