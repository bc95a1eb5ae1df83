// Runs a trial during which the last file that this process may open is opened, and one more. Prints what they return.
// Argument: the file of the module `behaves`.
import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ModuleTrainer } from '../../src/modules/index.ts';

const trainer = new ModuleTrainer({ modules: new Map([['behaves', process.argv[2]!]]) });

async function runTrial(x: number): Promise<string> {
  const objective = { kind: 'module' as const, module: 'behaves', options: {}, params: { how: 'age', x } };
  const request = { key: 'job/4', objective: { ...objective, trial: 4, seed: 9 }, timeoutMs: 60_000 };
  const hooks = { signal: new AbortController().signal, onProgress: () => {} };
  return trainer.train(request, hooks).then(({ outcome }) => outcome, String);
}

const first = runTrial(1_000);
await delay(100);
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // No file can be opened any more.
}
process.stdout.write(`${JSON.stringify([await first, await runTrial(0)])}\n`);
await trainer.close();
process.exit();
