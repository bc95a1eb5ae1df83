import type { Dataset } from '@gradsmith/core/objective';
import type { DataSet } from '../data-set.ts';
import { twoGaussians } from '../two-gaussians.ts';
import { DataSetMissing, DataSetRefused, OwnDataSetMissing } from './errors.ts';
import { dataSetFile, ownDataSetFile, readDataSet, readHeader } from './format.ts';

/**
 * The examples that an objective's `dataset` names: the first `train` training and the first `validation` test images
 * of the cached file, or a generated set.
 *
 * @throws DataSetMissing, OwnDataSetMissing where it is not in the cache; nothing is ever downloaded here
 * @throws DataSetRefused where a set of the user's own is not what the objective says
 */
export async function loadDataSet(spec: Dataset, options: { cacheDir: string }): Promise<DataSet> {
  if (spec.name === 'two-gaussians') return twoGaussians(spec);
  if (spec.name === 'own') return loadOwn(spec, options.cacheDir);
  const found = await readDataSet(dataSetFile(options.cacheDir, spec.name), spec.train, spec.validation);
  if (!found) throw new DataSetMissing(spec.name, options.cacheDir);
  return found;
}

/**
 * The hash of the file that `loadDataSet` would read now, without its examples: a set of one's own may be replaced
 * under its name. Undefined where there is none.
 */
export async function storedHash(spec: Dataset, { cacheDir }: { cacheDir: string }): Promise<string | undefined> {
  if (spec.name === 'two-gaussians') return undefined;
  return (await readHeader(spec.name === 'own' ? ownDataSetFile(cacheDir, spec.set) : dataSetFile(cacheDir, spec.name)))
    ?.sha256;
}

async function loadOwn(spec: Extract<Dataset, { name: 'own' }>, cacheDir: string): Promise<DataSet> {
  const file = ownDataSetFile(cacheDir, spec.set);
  const header = await readHeader(file);
  if (!header) throw new OwnDataSetMissing(spec.set, cacheDir);
  const differs = (what: string, found: unknown, said: unknown) =>
    new DataSetRefused(
      `dataset.${what}`,
      `the data set ${spec.set} has ${String(found)}, but the objective says ${String(said)}`,
    );
  if (header.shape.join() !== spec.shape.join()) throw differs('shape', header.shape.join('×'), spec.shape.join('×'));
  if (header.classes !== spec.classes) throw differs('classes', header.classes, spec.classes);
  if (header.train < spec.train) throw differs('train', header.train, spec.train);
  if (header.test < spec.validation) throw differs('validation', header.test, spec.validation);
  return (await readDataSet(file, spec.train, spec.validation))!;
}
