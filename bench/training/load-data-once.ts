import type { TrainingObjective } from '@gradsmith/core/objective';
import { loadDataSet, type DataSet } from '@gradsmith/training/data';

/** Returns a function that loads the data of an objective from the cache, and each data set only once. */
export function createDataLoader(cacheDir: string): (objective: TrainingObjective) => Promise<DataSet> {
  const known = new Map<string, DataSet>();
  return async ({ dataset }) => {
    const key = JSON.stringify(dataset);
    const data = known.get(key) ?? (await loadDataSet(dataset, { cacheDir }));
    known.set(key, data);
    return data;
  };
}
