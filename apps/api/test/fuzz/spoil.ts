import fc from 'fast-check';

/** Values for the wrong place of a body. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    1e308,
    -1e-308,
    2 ** 53,
    0.1,
    true,
    [],
    {},
    [[]],
    'NaN',
    '__proto__',
    'job_00000000000000000000',
    '\u0000',
    '\ud800',
    '../../etc/passwd',
    '${7*7}',
    'x'.repeat(5_000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Generates values with one fault: a part is replaced, removed or added. */
export function spoil(sound: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      sound,
      fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('replace', 'remove', 'add'),
      junk,
    )
    .map(([value, way, what, wrong]) => change(value, way, what, wrong));
}

function change(value: unknown, [step, ...way]: readonly number[], what: string, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const keys = Object.keys(value);
  const key = keys[step! % (keys.length || 1)];
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  if (way.length && key !== undefined && typeof copy[key] === 'object' && copy[key] !== null)
    copy[key] = change(copy[key], way, what, wrong);
  else if (what === 'add' || key === undefined) copy[Array.isArray(copy) ? copy.length : 'surplus'] = wrong;
  else if (what === 'replace') copy[key] = wrong;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

/** Texts that are sent as a JSON body and are not JSON, or too much for a parser. */
export const hostileTexts: readonly string[] = [
  '',
  '{',
  '{"a":1,"a":2}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{}}}',
  '[NaN]',
  '{"a":Infinity}',
  '{"a":01}',
  "{'a':1}",
  '{"a":1,}',
  '// x\n{}',
  'null',
  '"text"',
  '7',
  '\ufeff{}',
  '\u0000',
  '{"a":"\u0001"}',
  '{"a":"\\ud800"}',
  '{"a":1e999}',
  `${'['.repeat(50_000)}`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `{"a":"${'x'.repeat(900_000)}"}`,
  `{"a":"${'x'.repeat(1_200_000)}"}`,
  `[${'0,'.repeat(200_000)}0]`,
  `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":0`).join(',')}}`,
];
