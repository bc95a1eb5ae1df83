import type { Dataset } from '@gradsmith/core/objective';
import type { DataSet } from '../data-set.ts';
import { createMarkedLetters } from '../marked-letters.ts';
import { twoGaussians } from '../two-gaussians.ts';
import { DataSetMissing, DataSetRefused, OwnDataSetMissing } from './errors.ts';
import { dataSetFile, ownDataSetFile, readDataSet, readHeader } from './format.ts';

type Generated = Extract<Dataset, { name: 'two-gaussians' | 'marked-letter' }>;

function isGenerated(spec: Dataset): spec is Generated {
  return spec.name === 'two-gaussians' || spec.name === 'marked-letter';
}

function generateDataSet(spec: Generated): DataSet {
  return spec.name === 'two-gaussians' ? twoGaussians(spec) : createMarkedLetters(spec);
}

/**
 * Loads the examples of an objective's `dataset`: the first `train` training and the first `validation` test images of
 * the cached file, or a generated set.
 *
 * @throws DataSetMissing, OwnDataSetMissing if the set is not in the cache; this function never downloads
 * @throws DataSetRefused if a user's own set does not match the objective
 */
export async function loadDataSet(spec: Dataset, options: { cacheDir: string }): Promise<DataSet> {
  if (isGenerated(spec)) return generateDataSet(spec);
  if (spec.name === 'own') return loadOwn(spec, options.cacheDir);
  const found = await readDataSet(dataSetFile(options.cacheDir, spec.name), spec.train, spec.validation);
  if (!found) throw new DataSetMissing(spec.name, options.cacheDir);
  return found;
}

/**
 * Checks that `loadDataSet` would find the data set, without reading its examples.
 *
 * @throws what `loadDataSet` throws
 */
export async function checkDataSet(spec: Dataset, { cacheDir }: { cacheDir: string }): Promise<void> {
  if (isGenerated(spec)) return;
  if (spec.name === 'own') await checkOwn(spec, cacheDir);
  else if (!(await readHeader(dataSetFile(cacheDir, spec.name)))) throw new DataSetMissing(spec.name, cacheDir);
}

/**
 * Returns the hash of the file that `loadDataSet` would read now, because a user can replace a data set under its name.
 * Undefined if there is no file.
 */
export async function storedHash(spec: Dataset, { cacheDir }: { cacheDir: string }): Promise<string | undefined> {
  if (isGenerated(spec)) return undefined;
  return (await readHeader(spec.name === 'own' ? ownDataSetFile(cacheDir, spec.set) : dataSetFile(cacheDir, spec.name)))
    ?.sha256;
}

type OwnDataset = Extract<Dataset, { name: 'own' }>;

async function loadOwn(spec: OwnDataset, cacheDir: string): Promise<DataSet> {
  await checkOwn(spec, cacheDir);
  return (await readDataSet(ownDataSetFile(cacheDir, spec.set), spec.train, spec.validation))!;
}

async function checkOwn(spec: OwnDataset, cacheDir: string): Promise<void> {
  const header = await readHeader(ownDataSetFile(cacheDir, spec.set));
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
}
