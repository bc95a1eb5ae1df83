// Installs a backend while an image is built: install-backend.ts tensorflow|webgpu [--gpu] [--from WHEEL]
// Everywhere else, use `gradsmith backend install`. The command line is not used here, because the layers of the
// backends take many minutes, and each change of the command line would build them again.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installableBackends, installBackend } from '../src/install/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { from: { type: 'string' }, gpu: { type: 'boolean' } },
});
const name = installableBackends.find((each) => each === positionals[0]);
if (!name) {
  console.error(`usage: install-backend.ts ${installableBackends.join('|')} [--gpu] [--from WHEEL]`);
  process.exit(2);
}
// oxlint-disable-next-line node/no-process-env -- its own program, with this one setting
const cacheDir = process.env['GRADSMITH_CACHE'] ?? join(homedir(), '.cache', 'gradsmith');
try {
  const version = await installBackend(name, {
    cacheDir,
    gpu: values.gpu,
    onStep: (step) => console.log(`${step} …`),
    from: values.from && resolve(values.from),
  });
  console.log(`${name} ${version} is ready in ${cacheDir}. Jobs use it with "backend: ${name}".`);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
