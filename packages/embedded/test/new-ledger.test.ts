import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CorruptRecord } from '@gradsmith/core/domain';
import { listIds } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';
import { SqliteStore } from '../src/index.ts';
import { sqliteFile } from './helpers.ts';

async function newFile(): Promise<string> {
  const { file, dispose } = await sqliteFile();
  onTestFinished(dispose);
  return file;
}

test('refuses an empty file, which may be a ledger that was lost, and leaves it empty', async () => {
  const file = await newFile();
  writeFileSync(file, '');
  await expect(SqliteStore.open({ file })).rejects.toThrow(/is empty, so it is not a ledger; restore it/);
  expect(statSync(file).size).toBe(0);
});

test('refuses a ledger that was emptied, and a database without tables', async () => {
  const file = await newFile();
  await (await SqliteStore.open({ file })).close();
  truncateSync(file, 0);
  await expect(SqliteStore.open({ file })).rejects.toThrow(CorruptRecord);
  const other = await newFile();
  const database = new DatabaseSync(other);
  database.exec('PRAGMA user_version = 0; VACUUM;');
  database.close();
  await expect(SqliteStore.open({ file: other })).rejects.toThrow(CorruptRecord);
});

test('creates one ledger, for its owner only, when several open a new file at once', async () => {
  const file = await newFile();
  const stores = await Promise.all(Array.from({ length: 8 }, async () => SqliteStore.open({ file })));
  const index = { createdAt: 1, active: true };
  expect(await stores[0]!.commit('a', { expected: [], writes: [['x', '1']], index })).toBe(true);
  for (const store of stores) expect(await listIds(store)).toEqual(['a']);
  for (const store of stores) await store.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.new'))).toEqual([]);
});
