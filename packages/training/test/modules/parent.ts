// A worker for a test that kills it: it runs the module `behaves`, which starts programs and never returns. Arguments:
// the file for process ids, and the parameters `how` and `x`.
import { fileURLToPath } from 'node:url';
import { listModules, ModuleTrainer } from '../../src/modules/index.ts';

const modules = await listModules(fileURLToPath(new URL('./sample', import.meta.url)));
const [, , pidFile, how = 'daemon', x = '0'] = process.argv;
const objective = {
  kind: 'module' as const,
  module: 'behaves',
  options: { pidFile },
  params: { how, x: Number(x) },
  trial: 0,
  seed: 1,
};
await new ModuleTrainer({ modules }).train(
  { key: 'job/0', objective, timeoutMs: 600_000 },
  { signal: new AbortController().signal, onProgress: () => {} },
);
