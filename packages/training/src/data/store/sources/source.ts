import type { Facts } from '../check.ts';
import type { RawDataSet } from '../format.ts';
import type { NpmPackage } from '../npm-package.ts';
import type { TarEntry } from '../tar.ts';

/** Where a public data set comes from and which facts it must satisfy. */
export interface Source {
  package: NpmPackage;
  /** Paths of the files in the archive that `read` uses. */
  wanted(path: string): boolean;
  read(entries: AsyncIterable<TarEntry>): Promise<RawDataSet>;
  /**
   * Reads the official files from a folder.
   *
   * @throws DataSetRefused with the name of the missing file
   */
  readFolder(folder: string): Promise<RawDataSet>;
  facts: Facts;
}
