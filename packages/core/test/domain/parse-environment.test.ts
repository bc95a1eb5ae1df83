import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseEnvironment } from '../../src/domain/index.ts';

const schema = z.object({
  URL: z.url({ protocol: /^https$/, error: 'must look like https://host' }),
  SLOTS: z.coerce.number().int().min(1).max(64).default(1),
  LEVEL: z.enum(['info', 'debug']).default('info'),
  MODE: z.enum(['keys', 'open']).optional(),
});

test('returns the settings with their defaults', () => {
  expect(parseEnvironment(schema, { URL: 'https://a', SLOTS: '3', PATH: '/bin' })).toEqual({
    URL: 'https://a',
    SLOTS: 3,
    LEVEL: 'info',
  });
});

test('counts an empty variable as not set', () => {
  expect(parseEnvironment(schema, { URL: 'https://a', SLOTS: '', LEVEL: '', MODE: '' })).toEqual({
    URL: 'https://a',
    SLOTS: 1,
    LEVEL: 'info',
  });
  expect(() => parseEnvironment(schema, { URL: '' })).toThrow('URL: must look like https://host');
});

test('names every wrong variable and what it must be, but not its value, which may be secret', () => {
  const environment = { URL: 'http://user:secret@a', SLOTS: 'secret', LEVEL: 'secret', MODE: 'secret' };
  expect(() => parseEnvironment(schema, environment)).toThrow(
    'the environment is not valid:\n' +
      'URL: must look like https://host\n' +
      'SLOTS: must be a number from 1 to 64\n' +
      'LEVEL: must be one of info, debug\n' +
      'MODE: must be one of keys, open',
  );
});
