import { parsePointer } from '@gradsmith/core/domain';
import { describe, expect, test } from 'vitest';
import { checkJobText, describeFinding, findPosition, locateProblem } from '../src/job-text/index.ts';

const valid = `name: two-gaussians
objective:
  kind: training
  dataset: { name: two-gaussians, train: 500, validation: 500 }
  network: { name: mlp }
  optimizer: { name: adam, learningRate: 0.1 }
  epochs: 5
  batchSize: 50
  backward:
    - { layer: relu2, derivative: { kind: meta-network, hidden: 1, activation: tanh } }
  metric: aulc
  seed: 1
search: { algorithm: gp, trials: 20, maxParallelism: 2, seed: 7 }
`;
const external = (space: string): string => `name: x
objective: { kind: external, metric: { name: loss, direction: minimize } }
search: { trials: 5 }
space:
${space}`;

/** `line:column: place: message` of every finding. */
function findings(text: string): string[] {
  return checkJobText(text).findings.map((finding) => describeFinding(text, finding));
}

test('reads YAML and JSON, and fills in defaults', () => {
  const { job, spec } = checkJobText(valid);
  expect(spec).toMatchObject({ name: 'two-gaussians', search: { initial: 8 } });
  expect(checkJobText(JSON.stringify(job, null, 2))).toMatchObject({ findings: [], spec });
});

test('names the line and the column of every problem of the schema', () => {
  const text = valid
    .replace('epochs: 5', 'epochs: -5')
    .replace('metric: aulc', 'metrik: aulc')
    .replace('trials: 20', 'trials: many');
  expect(findings(text)).toEqual([
    expect.stringMatching(/^7:11: objective\.epochs: /),
    '11:11: objective.metrik: is not a known field. Did you mean metric?',
    '13:34: search.trials: must be a whole number from 1 to 100000, not "many"',
  ]);
});

test('names the line and the column of a problem of the space', () => {
  const text = external('  x:\n    type: float\n    low: 0\n    high: 1\n    scale: log\n');
  expect(findings(text)).toEqual([expect.stringMatching(/^7:10: space\.x\.low: /)]);
});

test('selects the value in a list', () => {
  const text = valid.replace('layer: relu2', 'layer: relu9');
  const [finding] = checkJobText(text).findings;
  expect(finding).toMatchObject({ place: 'objective.backward[0].layer' });
  expect(text.slice(finding!.from, finding!.to)).toBe('relu9');
});

test('points to the parent of a missing field', () => {
  expect(findings(valid.replace(' trials: 20,', ''))).toEqual([expect.stringMatching(/^13:1: search\.trials: /)]);
});

describe('refuses with a message in the words of the user', () => {
  test.each([
    ['an unclosed list', 'name: [', /^1:8: cannot be read/],
    ['a key that stands twice', 'name: a\nname: b', /^2:1: cannot be read: .*unique/],
    ['a map that is not closed', 'a: { b: 1\nc: 2', /^2:1: cannot be read: a closing \} is missing before this$/],
    ['a map without a comma', 'a: { b: 1 c: 2 }', /^1:9: cannot be read: a comma, or a closing \} or \], is missing/],
    [
      'two values on a line',
      'a: b: 1\n  c: 2',
      /^1:4: cannot be read: a line may have one .* \(\d more errors? follows?\)/,
    ],
    ['a tab as indentation', 'a:\n\t- b', /^2:1: cannot be read: Tabs/],
    ['an empty text', '', /^1:1: is empty; a job has at least name, objective and search$/],
    ['a text of comments', '# nothing here\n', /^1:1: is empty/],
    ['a text', 'just words', /^1:1: must be a map of fields such as name: my-job, not the value "just words"$/],
    ['a list', '- a\n- b', /^1:1: must be a map of fields .*, not a list$/],
    ['two documents', 'name: a\n---\nname: b', /^2:1: cannot be read: it holds several documents/],
    ['not a number', 'name: demo\nobjective: .nan', /^2:12: objective: must be a finite number$/],
    ['an infinite number', 'name: demo\nsearch: { trials: 1e999 }', /^2:19: search\.trials: must be a finite number$/],
    ['bytes', 'name: !!binary aGk=', /^1:16: name: must be text.*remove its tag/],
    ['a date', '%YAML 1.1\n---\nname: 2001-01-01', /^3:7: name: must be text.*remove its tag/],
    ['a tag that YAML does not have', 'name: !secret x', /^1:7: cannot be read: Unresolved tag/],
    ['an alias without its anchor', 'name: a\nsearch: *none', /^2:9: cannot be read: Unresolved alias.*none$/],
    ['the name __proto__', 'name: a\nlabels: { __proto__: b }', /^2:22: labels\.__proto__: is not allowed as a name$/],
    ['a list that contains itself', 'name: &a [*a]', /^1:11: name\[0\]: contains itself/],
    [
      'an alias bomb',
      'a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n' +
        'd: [*c,*c,*c,*c,*c,*c,*c,*c]',
      /^2:8: cannot be read: its aliases \(\*name\) repeat more than 100 values; write the values out$/,
    ],
    [
      'lists within lists',
      `name: a\nspace: ${'['.repeat(100_000)}`,
      /^2:71: cannot be read: it is nested more than 64/,
    ],
    ['maps within maps', '{"a":'.repeat(100_000), /^1:\d+: cannot be read: it is nested more than 64 levels deep$/],
    ['dashes', '- '.repeat(50_000), /^1:\d+: cannot be read: it is nested more than 64/],
    ['explicit keys', '? '.repeat(50_000), /^1:\d+: cannot be read: it is nested more than 64/],
    [
      'options nested too deep',
      `name: a\nobjective:\n  options: ${'[['.repeat(40)}`,
      /^3:\d+: cannot be read: it is nes/,
    ],
  ])('%s', (_, text, message) => {
    expect(findings(text)).toEqual([expect.stringMatching(message)]);
  });
});

// A parser that compares each key with all others takes minutes for the first.
test.each([
  ['keys', Array.from({ length: 60_000 }, (_, i) => `f${i}: ${i}`).join('\n')],
  ['anchors', Array.from({ length: 10_000 }, (_, i) => `f${i}: &a${i} ${i}`).join('\n')],
  ['broken quotes', '"'.repeat(10_001)],
  ['keys that stand twice', 'a: 1\n'.repeat(10_000)],
])(
  'reports a bounded number of findings, in bounded time, for a text with many %s',
  (_, text) => {
    expect(checkJobText(text).findings.length).toBeLessThanOrEqual(51);
  },
  20_000,
);

test('accepts a job with anchors and aliases', () => {
  const text = external('  a: &range { type: float, low: 0, high: 1 }\n  b: *range\n');
  expect(findings(text)).toEqual([]);
});

test('finds the place of a JSON pointer from the service', () => {
  const text = 'space:\n  a/b~c:\n    low: 3\n';
  const { document } = checkJobText(text);
  const locate = (pointer: string) =>
    locateProblem(document, text, { path: parsePointer(pointer), message: 'is wrong' });
  const { from, to } = locate('/space/a~1b~0c/low');
  expect(text.slice(from, to)).toBe('3');
  expect(findPosition(text, locate('/space/a~1b~0c/high').from)).toEqual({ line: 2, column: 3 });
  expect(locate('').from).toBe(0);
});
