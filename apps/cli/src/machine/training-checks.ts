import { cachedDataSets } from '../commands/data.ts';
import { bad, note, ok, type Check } from './check.ts';
import { reportBackends } from './measure.ts';

export async function checkDataSets(cacheDir: string): Promise<Check> {
  try {
    const sets = await cachedDataSets(cacheDir);
    const here = sets.filter(({ cached }) => cached).map(({ name }) => name);
    const missing = sets.filter(({ cached }) => !cached).map(({ name }) => name);
    if (!missing.length) return ok('Data sets', `${here.join(', ')} in ${cacheDir}`);
    return note('Data sets', here.length ? `${here.join(', ')} in ${cacheDir}` : `none in ${cacheDir} yet`, `fetch what a job needs: gradsmith data ${missing[0]}`);
  } catch (error) {
    return bad('Data sets', error instanceof Error ? error.message : String(error), `remove the file from ${cacheDir} and fetch it again: gradsmith data NAME`);
  }
}

/** Built-in backends have to start; an optional one that is not installed is no fault. */
export async function checkBackends(cacheDir: string): Promise<Check[]> {
  const reports = await reportBackends({ cacheDir, cached: [], measure: false, onStep: () => {} });
  return reports.map(({ name, usable, detail }) => {
    if (usable) return ok(`Backend ${name}`, detail);
    if (name === 'tensorflow') return note(`Backend ${name}`, 'not installed', 'faster where there is a GPU or many processors: gradsmith backend install tensorflow');
    return bad(`Backend ${name}`, detail, 'install the dependencies again: pnpm install');
  });
}
