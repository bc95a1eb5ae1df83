import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeRecord } from '../../src/ledger/index.ts';
import { upgradeRecord } from '../../src/ledger/migrations.ts';
import { jobRecordSchema, trialRecordSchema } from '../../src/ledger/record-schemas.ts';

/** Records as version 1 wrote them; they stay as they are for ever, whatever later versions look like. */
const stored = JSON.parse(readFileSync(new URL('records-v1.json', import.meta.url), 'utf8')) as {
  job: object;
  trial: object;
  lease: object;
};

test('reads records of version 1 as valid records of this version', () => {
  jobRecordSchema.parse(decodeRecord('job', JSON.stringify(stored.job)));
  trialRecordSchema.parse(decodeRecord('trial', JSON.stringify(stored.trial)));
  expect(decodeRecord('lease', JSON.stringify(stored.lease))).toEqual({
    schema: 2,
    owner: 'host-1-x',
    fence: 3,
    expiresAt: 1_700_000_030_000,
  });
});

test('a record of notifications of version 1 keeps its pause for both kinds of event', () => {
  const hooks = [{ best: 3, ended: null, tries: 2, notBefore: 1_700_000_000_000 }];
  const delivery = { tries: 2, notBefore: 1_700_000_000_000 };
  expect(decodeRecord('notifications', JSON.stringify({ schema: 1, hooks }))).toEqual({
    schema: 2,
    hooks: [{ best: 3, finished: null, isDisabled: false, deliveries: { best: delivery, finished: delivery } }],
  });
});

test('upgrades a record of any older version step by step', () => {
  const steps = [
    (record: Record<string, unknown>) => ({ ...record, priority: 0 }),
    ({ lastError, ...record }: Record<string, unknown>) => ({ ...record, errors: lastError ? [lastError] : [] }),
  ];
  const first = stored.job as Record<string, unknown>;
  const { lastError: _, ...rest } = first;
  const third = { ...rest, priority: 0, errors: [], schema: 3 };
  expect(upgradeRecord('job', first, steps, 3)).toEqual(third);
  expect(upgradeRecord('job', { ...first, priority: 0, schema: 2 }, steps, 3)).toEqual(third);
  expect(upgradeRecord('job', third, steps, 3)).toEqual(third);
  expect(() => upgradeRecord('job', { ...third, schema: 4 }, steps, 3)).toThrow(
    'has version 4; this program reads version 3',
  );
});

test.each([
  ['job', 3],
  ['trial', 99],
  ['lease', 'one'],
  ['enqueued', undefined],
  ['rungs', null],
] as const)('a %s record of version %s is refused by name, with the remedy', (kind, schema) => {
  expect(() => decodeRecord(kind, JSON.stringify({ schema }))).toThrow(
    new RegExp(
      `a stored ${kind} record has version ${schema}.*reads version 2.*Run the version of Gradsmith that wrote it`,
    ),
  );
});
