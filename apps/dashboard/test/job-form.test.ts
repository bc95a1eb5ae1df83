import { describe, expect, test } from 'vitest';
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
    expect(parsePlain('max(0, z), z', { type: 'array', items: { type: 'string' } })).toEqual(['max(0, z)', 'z']);
    expect(formatPlain(['relu', 0.5])).toBe('relu, 0.5');
  });
});
