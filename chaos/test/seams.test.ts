import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applySabotage, sabotages, stagedSabotages } from '../src/sabotage.ts';
import { listUndeclaredNames } from './undeclared-names.ts';

describe('applySabotage', () => {
  test.each(Object.entries({ ...sabotages, ...stagedSabotages }))(
    'switches %s off in the present source',
    (_, sabotage) => {
      const root = fileURLToPath(new URL('../../', import.meta.url));
      const source = readFileSync(globSync(`${root}{packages,apps}${sabotage.file}`)[0]!, 'utf8');
      const changed = applySabotage(sabotage, source);
      expect(changed).toContain(sabotage.replacement);
      expect(changed).not.toBe(source);
      // A name that is missing would stop the process, and the run would find that instead.
      expect(listUndeclaredNames(changed, sabotage.seam)).toEqual([]);
    },
  );

  const sabotage = { file: '/a.ts', seam: 'holds', replacement: '{ return true; }' };

  test.each([
    ['on one line', 'function holds(a: number): boolean { return a > 0; }\nexport const b: number = 1;'],
    [
      'over several lines',
      '// ’\nexport function holds(\n  a: number,\n): boolean\n{\n  return (\n    a > 0\n  );\n}\n',
    ],
  ])('finds a function written %s', (_, source) => {
    expect(applySabotage(sabotage, source)).toMatch(/holds\([^)]*\): boolean\s*\{ return true; \}/);
    expect(applySabotage(sabotage, source)).not.toContain('a > 0');
  });

  test('replaces the value of a constant', () => {
    const source = 'export const holds =\n  `a`;\nconst other = `b`;\n';
    expect(applySabotage({ ...sabotage, replacement: '1' }, source)).toBe(
      'export const holds =\n  1;\nconst other = `b`;\n',
    );
  });

  test('a replacement that uses an unknown name is noticed', () => {
    const source = 'import { known } from "./a.ts";\nconst top = 1;\nfunction holds({ a: [b] }) { return a > b; }\n';
    const list = (replacement: string) =>
      listUndeclaredNames(applySabotage({ ...sabotage, replacement }, source), 'holds');
    expect(list('{ const c = known.d; return top + b + c + globalThis.e; }')).toEqual([]);
    expect(list('{ return gone(b).x; }')).toEqual(['gone']);
  });

  test('rejects a source without the seam', () => {
    expect(() => applySabotage(sabotage, 'function other() { function holds() {} }')).toThrow(
      '/a.ts declares no function or constant holds',
    );
  });
});
