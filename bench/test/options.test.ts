import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { numberFrom, oneOf, parseOptions } from '../lib/options.ts';

const root = new URL('../..', import.meta.url).pathname;
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
const benchmarks = Object.entries(scripts).filter(([name]) => name.startsWith('bench:'));

async function runProgram(file: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [file, ...args], { cwd: root }).then(
    (output) => ({ code: 0, ...output }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

describe.each(benchmarks)('%s', (name, line) => {
  const file = line.replace(/^node /, '');

  test('prints its options and valid examples, and measures nothing', async () => {
    const { code, stdout, stderr } = await runProgram(file, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: pnpm ${name} [options]`);
    const examples = stdout
      .split('Examples:\n')[1]!
      .trim()
      .split('\n')
      .map((example) => example.trim());
    expect(examples.length).toBeGreaterThan(1);
    // Each option of an example exists.
    const known = [...stdout.matchAll(/^ {2}(?:-h, )?(--\w+)/gm)].map(([, option]) => option);
    expect(known).toEqual(expect.arrayContaining(['--quick', '--json', '--help']));
    for (const example of examples) {
      expect(example).toMatch(new RegExp(`^pnpm ${name}( |$)`));
      for (const [option] of example.matchAll(/--\w+/g)) expect(known).toContain(option);
    }
  });

  test('names an unknown option, without a stack trace', async () => {
    const { code, stdout, stderr } = await runProgram(file, '--qick');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain("unknown option '--qick'");
    expect(stderr).toContain(`pnpm ${name} --help`);
    expect(stderr).not.toContain('    at ');
  });
});

const usage = {
  command: 'bench',
  does: [],
  quick: '',
  examples: [],
  options: {
    seeds: { takes: '<n>', meaning: '', initial: '20', parse: numberFrom(1) },
    side: { takes: '<side>', meaning: '', initial: 'both', parse: oneOf('both', 'ours') },
  },
};

test('parses given values and defaults', () => {
  expect(parseOptions(usage, [])).toEqual({ quick: false, json: undefined, seeds: 20, side: 'both' });
  expect(parseOptions(usage, ['--', '--quick', '--seeds=3', '--side', 'ours', '--json', 'found.json'])).toEqual({
    quick: true,
    json: 'found.json',
    seeds: 3,
    side: 'ours',
  });
});

test.each([
  [['--seeds', 'many'], "option '--seeds <n>' argument 'many' is invalid. It must be a whole number of at least 1."],
  [['--seeds', '0'], "option '--seeds <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  [['--side', 'yours'], "option '--side <side>' argument 'yours' is invalid. It must be one of both, ours."],
  [
    ['--json', '/nowhere/found.json'],
    "option '--json <file>' argument '/nowhere/found.json' is invalid. There is no folder /nowhere.",
  ],
  [['--json'], '--json'],
  [['extra'], 'too many arguments'],
])('rejects %j before anything is measured', (args, message) => {
  expect(() => parseOptions(usage, args)).toThrow(message);
});
