import type { Dataset } from '@gradsmith/core';
import type { DataSet } from '../data-set.ts';
import { twoGaussians } from '../two-gaussians.ts';
import { DataSetMissing } from './errors.ts';
import { dataSetFile, readDataSet } from './format.ts';

/**
 * The examples that an objective's `dataset` names: the first `train` training and the first `validation` test images
 * of the cached file, or a generated set.
 *
 * @throws DataSetMissing where it has not been fetched; nothing is ever downloaded here
 */
export async function loadDataSet(spec: Dataset, options: { cacheDir: string }): Promise<DataSet> {
  if (spec.name === 'two-gaussians') return twoGaussians(spec);
  const found = await readDataSet(dataSetFile(options.cacheDir, spec.name), spec.train, spec.validation);
  if (!found) throw new DataSetMissing(spec.name, options.cacheDir);
  return found;
}
