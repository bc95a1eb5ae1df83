// Makes an API key: node apps/api/src/make-key.ts ID SCOPE[,SCOPE] prints it once, and the entry for the key file.
import { parseArgs } from 'node:util';
import { keyId, makeKey } from './keys/key.ts';
import { scopes, type Scope } from './keys/scopes.ts';

// Not strict, so that an unknown option prints the usage, too.
const {
  positionals: [id = '', wanted = ''],
} = parseArgs({ allowPositionals: true, strict: false });
const granted = wanted.split(',') as Scope[];
if (!keyId.test(id) || !granted.every((scope) => scopes.includes(scope))) {
  console.error(
    `usage: make-key ID SCOPE[,SCOPE]\n  ID     1 to 32 lower-case letters, digits or dashes\n  SCOPE  ` +
      `${scopes.join(', ')}`,
  );
  process.exitCode = 2;
} else {
  const { key, hash } = makeKey(id);
  console.error('The key, which is shown only once:');
  console.log(key);
  console.error(`\nIts entry in the key file, {"keys": [...]}:\n${JSON.stringify({ id, hash, scopes: granted })}`);
}
