import { expect, test } from 'vitest';
import { PermissionDenied, toLedgerError } from '../src/errors.ts';

test.each([
  'NOPERM User w has no permissions to run the del command',
  "ERR The user executing the script can't run this command or subcommand script: 5c, on @user_script:1.",
  "ERR The user executing the script can't access at least one of the keys mentioned in the command script: 5c",
  'ERR ACL failure in script: User w has no permissions to access one of the keys used as arguments script: 5c',
])('a user without a permission is answered that it must be renewed: %s', (message) => {
  const reply = Object.assign(new Error(message), { name: 'ReplyError' });
  expect(toLedgerError(reply)).toBeInstanceOf(PermissionDenied);
});

test('another error of a script stays as it is', () => {
  const reply = Object.assign(new Error('ERR user_script:1: wrong number of arguments'), { name: 'ReplyError' });
  expect(toLedgerError(reply)).toBe(reply);
});
