import { globSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';
import { backend, engine, registerBackend, setBackend, type DataType, type KernelBackend } from '@tensorflow/tfjs-core';
import { readRecord } from '../installation.ts';
import type { Messages } from './messages.ts';

/** The npm packages: for CPUs, and for NVIDIA GPUs. */
export type AddonPackage = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

/** The record of an installation by `gradsmith backend install tensorflow`. */
export interface Installation {
  /** The npm package whose addon was built. */
  addon: AddonPackage;
  /** Version of the TensorFlow libraries. */
  tensorflow: string;
  /** Where the libraries came from, for display. */
  source: string;
}

/** Returns the record of the installation, or undefined. */
export function readInstallation(cacheDir: string): Installation | undefined {
  const record = readRecord(cacheDir, 'tensorflow') as Omit<Installation, 'addon'> | undefined;
  // Old installations do not record the package. They have the one for CPUs.
  return record && { addon: '@tensorflow/tfjs-node', ...record };
}

/** The parts of the addon's interface that Gradsmith uses. */
export interface TensorflowBackend extends KernelBackend {
  isUsingGpuDevice: boolean;
  /** Counts one more tensor that shares this data. */
  incRef(dataId: object): void;
  binding: TensorflowBinding;
  /** TensorFlow's protocol buffers, from the addon's package. */
  messages: Messages;
  getDTypeInteger(type: DataType): number;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: object[]): object;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: object[], outputs: number): object[];
  /** Returns the addon's ids of these tensors. */
  getInputTensorIds(tensors: object[]): number[];
  /** Returns the tensor that an operation of the addon created. */
  createOutputTensor(made: MadeTensor): object;
}

/** A tensor created by the addon. */
export interface MadeTensor {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export interface TensorflowBinding {
  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): MadeTensor[];
  createTensor(shape: number[], type: number, values: Float32Array | Int32Array | Uint8Array): number;
  /** @returns the id of the model */
  loadSavedModel(folder: string, tags: string): number;
  /** @param feeds, fetches tensor names, separated by commas */
  runSavedModel(model: number, inputs: number[], feeds: string, fetches: string): MadeTensor[];
  deleteSavedModel(model: number): void;
  deleteTensor(tensor: number): void;
  TF_Version: string;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_BOOL: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_INT: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_STRING: number;
}

export interface Attribute {
  name: string;
  type: number;
  value: number | boolean | string | number[];
}

/**
 * Loads the addon from its folder and registers the backend `tensorflow` with the TensorFlow.js of this workspace.
 *
 * A search starts many trainer processes, and most of the load time is JavaScript that training does not use. So this
 * loads only parts of the addon, without those for models and data. Its `@tensorflow/tfjs` has the same version as the
 * workspace and is replaced by the core that is already loaded.
 */
export async function loadTensorflow(folder: string, name: AddonPackage): Promise<TensorflowBackend> {
  // Node 23 removed these functions, but the addon still calls them.
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;

  const require = createRequire(join(folder, 'package.json'));
  const root = join(folder, 'node_modules', name);
  const core = {
    url: pathToFileURL(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core')).href,
    format: 'commonjs',
    shortCircuit: true,
  };
  const hooks = registerHooks({
    resolve: (wanted, context, next) => (wanted === '@tensorflow/tfjs' ? core : next(wanted, context)),
  });
  require(join(root, 'dist', 'register_all_kernels.js'));
  const { NodeJSKernelBackend } = require(join(root, 'dist', 'nodejs_kernel_backend.js')) as {
    NodeJSKernelBackend: new (binding: unknown, name: string) => KernelBackend;
  };
  hooks.deregister();
  const [built] = globSync('lib/*/tfjs_binding.node', { cwd: root });
  if (built === undefined)
    throw new Error(
      `There is no compiled addon in ${root}. Install it again with: gradsmith backend install tensorflow`,
    );
  const binding: unknown = require(join(root, built));
  if (!engine().registryFactory['tensorflow']) {
    registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, name), 3);
  }
  if (!(await setBackend('tensorflow'))) throw new Error(`The addon in ${folder} did not start.`);
  const started = backend() as unknown as TensorflowBackend;
  started.messages = require(join(root, 'dist', 'proto', 'api_pb.js')) as Messages;
  return started;
}
