import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { readRecord } from '../installation.ts';

/** What `pnpm backend:install webgpu` leaves behind, in a folder of the cache. */
export interface WebgpuInstallation {
  /** Version of the npm package `webgpu`, which is Dawn for Node. */
  dawn: string;
}

export function readWebgpu(cacheDir: string): WebgpuInstallation | undefined {
  return readRecord(cacheDir, 'webgpu') as WebgpuInstallation | undefined;
}

/** The parts of WebGPU that are used here; the standard's names. */
export interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

export interface GpuAdapter {
  readonly info: AdapterInfo;
}

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** Of Dawn: the driver's name and version. */
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}

export interface GpuDevice {
  readonly lost: Promise<{ reason: string; message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
}

/** A shader as TensorFlow.js's backend takes it; inputs are read by `get<Name>`, see its `webgpu_program`. */
export interface Program {
  variableNames: string[];
  uniforms: string;
  workgroupSize: [number, number, number];
  outputShape: number[];
  dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  /** Whether `uniforms.size`, the number of outputs, is wanted. */
  size: boolean;
  shaderKey: string;
  getUserCode(): string;
}

export interface WebgpuBackend extends KernelBackend {
  readonly device: GpuDevice;
  runWebGPUProgram(
    program: Program,
    inputs: TensorInfo[],
    dtype: DataType,
    uniforms: { type: 'int32'; data: number[] }[],
  ): TensorInfo;
}

export interface Dawn {
  /** @param flags of Dawn */
  create(flags: string[]): Gpu;
  /** Classes and constants that a browser has as globals. */
  globals: Record<string, unknown>;
  version: string;
}

/** Loads Dawn from the folder of an installation. */
export async function loadDawn(folder: string): Promise<Dawn> {
  const root = join(folder, 'node_modules', 'webgpu');
  const { create, globals } = (await import(pathToFileURL(join(root, 'index.js')).href)) as Omit<Dawn, 'version'>;
  const { version } = createRequire(join(root, 'package.json'))('./package.json') as { version: string };
  return { create, globals, version };
}

/**
 * Loads TensorFlow.js's WebGPU backend, which asks `navigator.gpu` at once whether there is any. It brings a
 * TensorFlow.js of the workspace's version; both keep engine and kernels in the same global place.
 */
export function loadTfjsBackend(folder: string): void {
  createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-backend-webgpu');
}
