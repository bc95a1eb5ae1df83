import { expect, test } from 'vitest';
import { checkText, locate, parsePointer } from '../src/create/check.ts';
import { findLine } from '../src/create/editor.ts';
import { templates } from '../src/create/templates.ts';

const valid = templates[0]!.text;

/** `line place: message` of every finding. */
function findings(text: string): string[] {
  return checkText(text).findings.map(({ from, place, message }) => `${findLine(text, from)} ${place}: ${message}`);
}

test.each(templates.map(({ name, text }) => [name, text]))('the template "%s" is valid as it stands', (_name, text) => {
  expect(findings(text)).toEqual([]);
});

test('JSON is read as well', () => {
  expect(findings(JSON.stringify(checkText(valid).job, null, 2))).toEqual([]);
});

test('every fault has its line', () => {
  const text = valid
    .replace('epochs: 5', 'epochs: -5')
    .replace('metric: aulc', 'metrik: aulc')
    .replace('trials: 20', 'trials: many');
  expect(findings(text)).toEqual([
    expect.stringMatching(/^8 objective\.epochs: /),
    expect.stringMatching(/^12 objective\.metrik: is not a known field/),
    expect.stringMatching(/^14 search\.trials: /),
  ]);
});

test('a fault inside a list has its line', () => {
  const [finding] = checkText(valid.replace('layer: relu2', 'layer: relu9')).findings;
  expect(finding).toMatchObject({ place: 'objective.backward[0].layer' });
  expect(valid.replace('layer: relu2', 'layer: relu9').slice(finding!.from, finding!.to)).toBe('relu9');
});

test('a missing field is reported at its parent', () => {
  expect(findings(valid.replace(' trials: 20,', ''))).toEqual([expect.stringMatching(/^14 search\.trials: /)]);
});

test.each([
  ['name: [', /^\d+ : cannot be read/],
  ['name: a\nname: b', /^2 : cannot be read: .*unique/],
  ['', /^1 : /],
  ['just words', /^1 : /],
  ['name: demo\nobjective: .nan', /^2 objective: must be a finite number/],
  [
    `a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: ` +
      `[*c,*c,*c,*c,*c,*c,*c,*c]`,
    /cannot be read: .*alias/,
  ],
])('%j is refused with a message', (text, message) => {
  expect(findings(text)[0]).toMatch(message);
});

test('a JSON pointer of the service leads to the same place', () => {
  const text = 'space:\n  a/b~c:\n    low: 3\n';
  const { document } = checkText(text);
  expect(parsePointer('/space/a~1b~0c/low')).toEqual(['space', 'a/b~c', 'low']);
  const { from, to } = locate(document, text, parsePointer('/space/a~1b~0c/low'), 'wrong');
  expect(text.slice(from, to)).toBe('3');
  expect(findLine(text, locate(document, text, parsePointer('/space/a~1b~0c/high'), 'missing').from)).toBe(2);
  expect(locate(document, text, [], 'wrong').from).toBe(0);
});
