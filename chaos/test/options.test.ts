import { expect, test } from 'vitest';
import { readOptions } from '../src/options.ts';

test('options: a quick run is smaller, each goal can be told, what is wrong is named', () => {
  expect(readOptions(['--quick'])).toMatchObject({ trials: 600, longestMs: 150_000 });
  expect(readOptions(['--trials', '10000', '--kills', '300', '--redis-kills', '50', '--seed', '7'])).toMatchObject({
    trials: 10_000,
    processKills: 300,
    redisKills: 50,
    seed: 7,
  });
  expect(() => readOptions(['--trials', 'many'])).toThrow('--trials must be a whole number, not many');
  expect(() => readOptions(['--sabotage', 'nothing'])).toThrow('--sabotage must be one of attempt-token');
  expect(() => readOptions(['--fast'])).toThrow('--fast');
});
