export interface InstallOptions {
  /** The cache. The backend is installed in its folder `backends/<name>`. */
  cacheDir: string;
  /**
   * tensorflow: where its libraries are: a folder, a .tar.gz of the C library, or a wheel (.whl). By default, pip
   * downloads them.
   */
  from?: string;
  /**
   * tensorflow: builds the package for NVIDIA GPUs, by default with the CUDA libraries. webgpu: installs only if it
   * trains on a GPU.
   */
  gpu?: boolean;
  /** Receives a sentence at the start of each step. */
  onStep?: (step: string) => void;
}

/** Fills the folder, trains a network with the backend, and returns its record. */
export type Installer = (
  folder: string,
  options: Omit<InstallOptions, 'cacheDir'>,
) => Promise<{ version: string; record: object }>;
