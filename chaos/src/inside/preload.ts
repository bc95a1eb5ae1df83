// Loaded into every process of a chaos run before its program (`node --import`). The programs stay as they are; three
// modules are changed while they load: the Redis store keeps a journal, the trainer process trains the known objective,
// and, in a sabotaged run, one safeguard is off.
import { flushCompileCache, registerHooks } from 'node:module';
import { applySabotage, sabotages, type Sabotage, type SabotageName } from '../sabotage.ts';

const sabotage: Sabotage | undefined = sabotages[process.env.CHAOS_SABOTAGE as SabotageName];
const beside = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const change = (edit: (source: string) => string) => ({ ...loaded, source: edit(String(loaded.source)) });
    if (url.endsWith('/redis/src/store.ts'))
      return change(
        (source) => `${source}\nimport { keepJournal } from ${beside('journal.ts')};\nkeepJournal(RedisStore);\n`,
      );
    if (url.endsWith('/training/src/process/trainer-child.ts'))
      return change(() => `import ${beside('trainer.ts')};\n`);
    if (sabotage && url.endsWith(sabotage.file)) return change((source) => applySabotage(sabotage, source));
    return loaded;
  },
});

// Written at a process's end, which here is never an orderly one.
setTimeout(flushCompileCache, 2_000).unref();
