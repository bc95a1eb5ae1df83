// Changes modules of the product while they load: the Redis store keeps a journal, the trainer process evaluates a
// known objective, suggestions can be slow or endless, and a sabotaged run switches one safeguard off.
import { flushCompileCache, registerHooks } from 'node:module';
import { applySabotage, sabotages, stagedSabotages, type Sabotage } from '../sabotage.ts';

const known: Readonly<Record<string, Sabotage>> = { ...sabotages, ...stagedSabotages };
const sabotage = known[process.env.CHAOS_SABOTAGE ?? ''];
const quoteUrl = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

const delaySuggestions = (source: string): string =>
  source.replace('suggestPoints(input)', 'suggestPoints(delaySuggestion(input))');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const change = (edit: (source: string) => string) => ({ ...loaded, source: edit(String(loaded.source)) });
    if (url.endsWith('/redis/src/store.ts'))
      return change(
        (source) => `${source}\nimport { keepJournal } from ${quoteUrl('journal.ts')};\nkeepJournal(RedisStore);\n`,
      );
    if (url.endsWith('/training/src/process/trainer-child.ts'))
      return change(() => `import ${quoteUrl('trainer.ts')};\n`);
    if (url.endsWith('/compute/src/suggest-thread.ts'))
      return change(
        (source) => `import { delaySuggestion } from ${quoteUrl('suggester.ts')};\n${delaySuggestions(source)}`,
      );
    if (sabotage && url.endsWith(sabotage.file)) return change((source) => applySabotage(sabotage, source));
    return loaded;
  },
});

// Node writes the cache at an orderly exit, which these processes do not have.
setTimeout(flushCompileCache, 2_000).unref();
