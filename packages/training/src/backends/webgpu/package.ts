import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import { readRecord } from '../installation.ts';

/** The record of an installation by `gradsmith backend install webgpu`. */
export interface WebgpuInstallation {
  /** Version of the npm package `webgpu`, which is Dawn for Node. */
  dawn: string;
}

export function readWebgpu(cacheDir: string): WebgpuInstallation | undefined {
  return readRecord(cacheDir, 'webgpu') as WebgpuInstallation | undefined;
}

/** The parts of WebGPU that Gradsmith uses, under the names of the standard. */
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
  /** In Dawn, the name and version of the driver. */
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}

export interface GpuDevice {
  readonly lost: Promise<{ reason: string; message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
}

/** A shader for TensorFlow.js's backend. It reads inputs through `get<Name>`, see `webgpu_program` there. */
export interface Program {
  variableNames: string[];
  uniforms: string;
  workgroupSize: [number, number, number];
  outputShape: number[];
  dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  /** Whether the shader needs `uniforms.size`, the number of outputs. */
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
  /** Classes and constants that are globals in a browser. */
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
 * Loads TensorFlow.js's WebGPU backend, which checks for `navigator.gpu` when it is loaded. It depends on its own copy
 * of TensorFlow.js, of the workspace's version. Both copies share one global registry of engine and kernels.
 */
export function loadTfjsBackend(folder: string): void {
  createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-backend-webgpu');
}
