import { jobSchema } from '@gradsmith/core/spec';
import { expect, test } from 'vitest';
import { validJob } from '../../api/test/support.ts';
import { findYamlPlace } from '../src/new-job/find-yaml-place.ts';
import { formatCurl, formatPython } from '../src/new-job/requests.ts';
import { describeField, suggestNames, suggestValues } from '../src/new-job/schema-help.ts';
import { changeLabels, describeLabelFault, formatLabels, parseLabelChange } from '../src/parts/labels.ts';

test.each([
  ['|', [], true],
  ['na|', [], true],
  ['name: |', ['name'], false],
  ['objective:\n  ki|', ['objective'], true],
  ['objective:\n  kind: tr|', ['objective', 'kind'], false],
  ['# comment\nobjective:\n  # another\n  kind: training\n  optimizer:\n    na|', ['objective', 'optimizer'], true],
  ['objective:\n  optimizer: { name: adam, le|', ['objective', 'optimizer'], true],
  ['objective:\n  optimizer: { name: |', ['objective', 'optimizer', 'name'], false],
  ['objective:\n  optimizer: { name: adam }\n  ep|', ['objective'], true],
  ['objective:\n  backward:\n    - layer: relu1\n    - la|', ['objective', 'backward', 1], true],
  [
    'objective:\n  backward:\n    - layer: relu1\n      derivative:\n        ki|',
    ['objective', 'backward', 0, 'derivative'],
    true,
  ],
  [
    'objective:\n  backward:\n    - { layer: a, derivative: { kind: |',
    ['objective', 'backward', 0, 'derivative', 'kind'],
    false,
  ],
  ['objective:\n  frozen: [fc1, |', ['objective', 'frozen', 1], false],
  ['space:\n  x:\n    type: float\n  y:\n    type: |', ['space', 'y', 'type'], false],
  ['search:\n  trials: 5\nco|', [], true],
])('finds the place of the cursor in %j', (marked, path, isKey) => {
  const offset = marked.indexOf('|');
  const place = findYamlPlace(marked.replace('|', ''), offset);
  expect([place.path, place.isKey]).toEqual([path, isKey]);
});

const names = (job: unknown, path: (string | number)[]): string[] => suggestNames(job, path).map(({ text }) => text);

test('suggests the names that a map can have, the required ones first, and none that it has', () => {
  expect(names({ name: 'a' }, []).slice(0, 2)).toEqual(['objective', 'search']);
  expect(names({ search: { trials: 3 } }, ['search'])).not.toContain('trials');
});

test('suggests only what fits the kinds that were chosen', () => {
  const training = names({ objective: { kind: 'training' } }, ['objective']);
  expect(training).toContain('optimizer');
  const external = names({ objective: { kind: 'external' } }, ['objective']);
  expect(external).not.toContain('optimizer');
  expect(external).toContain('metric');
  expect(names({ space: { x: { type: 'categorical' } } }, ['space', 'x'])).toContain('choices');
});

test('suggests the values that a field can have', () => {
  const values = suggestValues({ search: {} }, ['search', 'algorithm']).map(({ text }) => text);
  expect(values).toEqual(['gp', 'random', 'sobol', 'grid', 'tpe', 'cma-es', 'nsga-ii', 'evolution']);
  const kinds = suggestValues({ objective: { kind: null } }, ['objective', 'kind']).map(({ text }) => text);
  expect(kinds).toEqual(expect.arrayContaining(['training', 'external']));
});

test('explains a field, and nothing where there is none', () => {
  const field = describeField({}, ['search', 'initial'])!;
  expect(field.title).toBe('initial: whole number, 1 to 1000, default 8');
  expect(field.text).toContain('Space-filling points');
  expect(describeField({}, ['search', 'nothing'])).toBeNull();
});

test('writes a job as a request for curl and for Python', () => {
  const job = { name: 'x', ok: true, none: null, list: [1, 'a'] };
  expect(formatCurl('http://host', job, true)).toContain('"Authorization: Bearer $GRADSMITH_API_KEY"');
  expect(formatCurl('http://host', job, false)).not.toContain('Authorization');
  expect(formatPython('http://host', job)).toBe(`import gradsmith

client = gradsmith.Client("http://host")
study = client.create_job({"name": "x", "ok": True, "none": None, "list": [1, "a"]})
`);
  const long = { name: 'x'.repeat(80), deep: { text: 'it"s' } };
  expect(formatPython('http://host', long)).toContain(
    `{\n    "name": "${long.name}",\n    "deep": {"text": "it\\"s"},\n}`,
  );
});

test('writes labels one a line, and finds what a reader changed of them', () => {
  const labels = { team: 'vision: a, b', baseline: '' };
  expect(formatLabels(labels)).toBe('team: vision: a, b\nbaseline');
  expect(changeLabels(labels, 'team: audio\n\nnew')).toEqual({ team: 'audio', baseline: null, new: '' });
  // A name that plain objects give a meaning is a key as any other, and the service refuses it.
  const hostile = changeLabels({}, 'team: audio\n__proto__: x');
  expect(Object.entries(hostile)).toEqual([
    ['team', 'audio'],
    ['__proto__', 'x'],
  ]);
  expect(describeLabelFault(hostile)).toContain('__proto__');
});

test('reads a change of one label, and says what the service would refuse', () => {
  const changes = ['team: vision: a', ' baseline ', '- team'].map(parseLabelChange);
  expect(changes).toEqual([{ team: 'vision: a' }, { baseline: '' }, { team: null }]);
  expect(changes.map(describeLabelFault)).toEqual([null, null, null]);
  expect(describeLabelFault({ team: 'vision', 'reviewer two': '' })).toMatch(
    /^"reviewer two" must be 1 to 64 lower-case/,
  );
  expect(describeLabelFault({ team: 'x'.repeat(257) })).toBe('the value of "team" must have at most 256 characters');
  const accepts = (labels: object): boolean => jobSchema.safeParse({ ...validJob, labels }).success;
  for (const [key, value] of [
    ['reviewer two'],
    ['team', 'x'.repeat(257)],
    ['team', 'x'.repeat(256)],
    ['Team'],
  ] as const)
    expect(describeLabelFault({ [key]: value ?? '' }) === null, key).toBe(accepts({ [key]: value ?? '' }));
});
