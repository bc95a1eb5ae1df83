export interface InstallOptions {
  /** The cache; the backend goes into `backends/<name>` there. */
  cacheDir: string;
  /** tensorflow: its libraries: a folder or a .tar.gz of the C library, or a wheel (.whl); fetched with pip by default. */
  from?: string;
  /**
   * tensorflow: builds the package for NVIDIA GPUs, and takes the libraries with CUDA by default. webgpu: is installed
   * only where it trains on a GPU.
   */
  gpu?: boolean;
  /** Told what begins, in a sentence. */
  onStep?: (step: string) => void;
}

/** Fills the folder, trains a network with what is there, and says what it is. */
export type Installer = (
  folder: string,
  options: Omit<InstallOptions, 'cacheDir'>,
) => Promise<{ version: string; record: object }>;
