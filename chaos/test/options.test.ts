import { expect, test } from 'vitest';
import { readOptions } from '../src/options.ts';

const read = (...args: string[]) => readOptions(args, () => {});

test('reads goals, with smaller defaults for a quick run', () => {
  expect(read('--quick')).toMatchObject({ trials: 600, longestMs: 150_000 });
  expect(read('--', '--trials', '10000', '--kills', '300', '--redis-kills', '50', '--seed', '7')).toMatchObject({
    trials: 10_000,
    processKills: 300,
    redisKills: 50,
    seed: 7,
    longestMs: 3_600_000,
  });
});

test.each([
  [['--trials', 'many'], "option '--trials <n>' argument 'many' is invalid. It must be a whole number."],
  [['--sabotage', 'nothing'], 'Allowed choices are attempt-token, fence'],
  [['--fast'], "unknown option '--fast'"],
  [['extra'], 'too many arguments'],
])('rejects %j', (args, message) => {
  expect(() => read(...args)).toThrow(message);
});
