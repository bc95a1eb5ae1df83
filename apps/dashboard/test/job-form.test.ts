import { readYaml } from '@gradsmith/contract/job-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { canHold, writeValue } from '../src/new-job/form/edit-value.ts';
import { renameYamlKey, setYamlValue } from '../src/new-job/form/edit-yaml.ts';
import { formatPlain, parsePlain } from '../src/new-job/form/plain-values.ts';
import { createValue, findOption, listOptions } from '../src/new-job/form/schema-options.ts';
import { jobJsonSchema } from '../src/new-job/job-json-schema.ts';

const text = `# Why this job exists
name: mine # its name
objective:
  kind: external
space:
  # a rate
  rate: { type: float, low: 0.1, high: 1 } # in one line
search:
  trials: 5
`;

describe('an edit of the form', () => {
  test('changes one value of the text, and keeps comments, order and style', () => {
    expect(setYamlValue(text, ['search', 'trials'], 7)).toBe(text.replace('trials: 5', 'trials: 7'));
    expect(setYamlValue(text, ['name'], 'yours')).toBe(text.replace('mine', 'yours'));
    expect(setYamlValue(text, ['space', 'rate', 'low'], 0.2)).toBe(text.replace('0.1', '0.2'));
  });

  test('adds what is missing on the way, and removes maps that it leaves empty', () => {
    const longer = setYamlValue(text, ['search', 'stop', 'target'], 0.5);
    expect(longer).toBe(`${text}  stop:\n    target: 0.5\n`);
    expect(setYamlValue(longer, ['search', 'stop', 'target'], undefined)).toBe(text);
    expect(setYamlValue('space:\n', ['space', 'rate'], { type: 'float' })).toBe('space:\n  rate:\n    type: float\n');
    expect(setYamlValue('', ['constraints', 0], 'a < b')).toBe('constraints:\n  - a < b\n');
  });

  test('keeps JSON as JSON', () => {
    const json = JSON.stringify({ name: 'a', search: { trials: 5 } }, null, 2);
    const edited = setYamlValue(json, ['search', 'trials'], 6);
    expect(JSON.parse(edited)).toEqual({ name: 'a', search: { trials: 6 } });
  });

  test('renames a parameter where it stands, unless the name exists', () => {
    expect(renameYamlKey(text, ['space', 'rate'], 'speed')).toBe(text.replace('  rate:', '  speed:'));
    const two = 'a: 1\nb: 2\n';
    expect(renameYamlKey(two, ['a'], 'b')).toBe(two);
  });

  test('keeps the form of everything else in the text', () => {
    const odd = `search:\n    trials:   5   # few\n    "seed" : 0x10\nlimits: {deadline: '1h',}\n`;
    expect(setYamlValue(odd, ['search', 'trials'], 7)).toBe(odd.replace('5', '7'));
    expect(setYamlValue('{"a": "b",\n "c": 1}', ['a'], 'd')).toBe('{"a": "d",\n "c": 1}');
    expect(setYamlValue('space: # all of it\n', ['space', 'a'], 1)).toBe('space:\n  # all of it\n  a: 1\n');
    expect(setYamlValue('space:\n  1: 2\n', ['space', '1'], 3)).toBe('space:\n  1: 3\n');
  });

  test('changes one of several places that share a value by aliases', () => {
    const shared = 'space:\n  a: &rate { type: float, low: &low 1 }\n  b: *rate # b\n  c: *rate\n  d: *low\n';
    const read = (edited: string): unknown => readYaml(edited).value;
    const rate = { type: 'float', low: 1 };
    const b = setYamlValue(shared, ['space', 'b', 'low'], 2);
    expect(read(b)).toEqual({ space: { a: rate, b: { ...rate, low: 2 }, c: rate, d: 1 } });
    expect(b).toContain('c: *rate');
    const a = setYamlValue(shared, ['space', 'a', 'low'], 2);
    expect(read(a)).toEqual({ space: { a: { ...rate, low: 2 }, b: rate, c: rate, d: 1 } });
    expect(read(setYamlValue(shared, ['space', 'a'], undefined))).toEqual({ space: { b: rate, c: rate, d: 1 } });
    expect(read(setYamlValue(shared, ['space', 'a'], 5))).toEqual({ space: { a: 5, b: rate, c: rate, d: 1 } });
    expect(read(setYamlValue(shared, ['space', 'd'], 5))).toEqual({ space: { a: rate, b: rate, c: rate, d: 5 } });
    expect(read(renameYamlKey(shared, ['space', 'b', 'low'], 'high'))).toEqual({
      space: { a: rate, b: { type: 'float', high: 1 }, c: rate, d: 1 },
    });
  });

  test('leaves the text as it is if something else is in the way, or if it cannot be read', () => {
    for (const odd of ['search: [1]\n', 'search: 5\n', 'search: text\n', '[1]\n', 'a: {\n', 'a: *none\n']) {
      expect(setYamlValue(odd, ['search', 'trials'], 5)).toBe(odd);
      expect(setYamlValue(odd, ['search', 'trials'], undefined)).toBe(odd);
      expect(renameYamlKey(odd, ['search', 'trials'], 'b')).toBe(odd);
    }
    expect(setYamlValue('constraints: { a: 1 }\n', ['constraints', 0], 'a < b')).toBe('constraints: { a: 1 }\n');
    expect(setYamlValue('search: []\n', ['search', 'trials'], 5)).toBe('search:\n  trials: 5\n');
  });

  test('changes the value at any path of any text, and nothing else', () => {
    const values = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const names = fc.constantFrom('a', 'b', '1', 'no', 'a b');
    const { job } = fc.letrec<{ job: unknown; map: unknown }>((tie) => ({
      job: fc.oneof({ depthSize: 'small' }, values, tie('map'), fc.array(tie('job'), { maxLength: 3 })),
      map: fc.dictionary(names, tie('job'), { maxKeys: 3, noNullPrototype: true }),
    }));
    const paths = fc.array(fc.oneof(names, fc.nat(3)), { minLength: 1, maxLength: 3 });
    const property = fc.property(
      fc.dictionary(names, job, { noNullPrototype: true }),
      paths,
      values,
      (before, path, value) => {
        const edited = setYamlValue(stringify(before), path, value);
        const plain = JSON.parse(JSON.stringify(before)) as unknown;
        const expected = canHold(plain, path) ? writeValue(plain, path, value) : plain;
        expect(JSON.stringify(readYaml(edited).value)).toBe(JSON.stringify(expected));
      },
    );
    fc.assert(property, { seed: 1, numRuns: 100 });
  });
});

describe('the fields of the form', () => {
  const objective = listOptions(jobJsonSchema.properties!['objective']!);
  const parameter = listOptions(jobJsonSchema.properties!['space']!.additionalProperties as typeof jobJsonSchema);

  test('offer every kind of objective and of parameter, and find the one that a value has', () => {
    expect(objective.map(({ label }) => label)).toEqual(['training', 'module', 'external']);
    expect(parameter.map(({ label }) => label)).toEqual([
      'float',
      'int',
      'categorical',
      'program',
      'constant',
      'a value',
    ]);
    expect(findOption(parameter, { type: 'categorical' })?.label).toBe('categorical');
    expect(findOption(parameter, 0.5)?.label).toBe('a value');
    expect(findOption(objective, { kind: 'unknown' })).toBeNull();
  });

  test('keep what the kinds before and after a change share', () => {
    const before = { type: 'float', low: 1, high: 4, when: { a: [1] }, unknown: 1 };
    const [, int, categorical] = parameter;
    expect(createValue(int!.schema, before)).toEqual({ type: 'int', low: 1, high: 4, when: { a: [1] } });
    expect(createValue(categorical!.schema, before)).toEqual({ type: 'categorical', when: { a: [1] } });
  });

  test('read numbers, texts and lists as they are written', () => {
    const list = { type: 'array', items: {} };
    expect(parsePlain('1e-3', { type: 'number' })).toBe(0.001);
    expect(parsePlain('many', { type: 'integer' })).toBe('many');
    expect(parsePlain('12', { type: 'string' })).toBe('12');
    expect(parsePlain(' ', { type: 'string' })).toBeUndefined();
    expect(parsePlain('relu, true, 0.5', list)).toEqual(['relu', true, 0.5]);
    expect(parsePlain('[0.1, 2]', list)).toEqual([0.1, 2]);
    expect(parsePlain('max(0, z), z', { type: 'array', items: { type: 'string' } })).toEqual(['max(0, z)', 'z']);
    expect(formatPlain(['relu', 0.5], list)).toBe('relu, 0.5');
  });

  test('show every list as a text that is read as the same list', () => {
    const odd = [
      '0.1',
      '1e3',
      'a, b',
      'true',
      'null',
      '',
      ' a',
      'a # b',
      "it's",
      '"',
      '[',
      '{a',
      '!!int 1',
      'f(',
      '- a',
    ];
    const plain = fc.oneof(
      fc.constantFrom<unknown>(...odd, null, true, -0, 1e300, 5e-324, [], ['1', [2]], { 'a, b': '"' }),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
    );
    const schemas = fc.constantFrom({}, { type: 'string' }, { type: 'number' }, { enum: ['a', 'b'] });
    const property = fc.property(fc.array(plain, { maxLength: 4 }), schemas, (values, items) => {
      const schema = { type: 'array', items };
      expect(parsePlain(formatPlain(values, schema), schema)).toEqual(values);
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
    expect(formatPlain(['0.1', 'a, b', 'max(0, z)'], { type: 'array', items: {} })).toBe('"0.1", "a, b", max(0, z)');
    expect(formatPlain(['0.1', 2], { type: 'array', items: { type: 'string' } })).toBe('0.1, !!int 2');
  });

  test('show every single value as a text that is read as the same value', () => {
    for (const value of ['0.1', 'true', 0.1, true, 'a: b', '- a', '[1]', { a: [1] }, 'a\nb'])
      expect(parsePlain(formatPlain(value, {}), {})).toEqual(value);
    expect(parsePlain(formatPlain('5', { type: 'integer' }), { type: 'integer' })).toBe('5');
  });
});
