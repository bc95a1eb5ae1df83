import type { PreActivations } from '@gradsmith/core/domain';
import type { TrainingObjective } from '@gradsmith/core/objective';
import { ENGINE_VERSION } from './version.ts';

/** A training between two epochs. It needs no random state, because random streams depend only on seed and step. */
export interface Checkpoint {
  /** Number of completed steps. */
  readonly step: number;
  readonly losses: readonly number[];
  /** What was counted so far; missing in checkpoints of earlier versions. */
  readonly preActivations?: readonly PreActivations[] | undefined;
  /** Tensors of the optimizer, including the trained weights, then those of each layer that has state. */
  readonly optimizer: readonly Float32Array[];
  readonly layers: readonly (readonly Float32Array[])[];
}

interface Header {
  format: 1;
  /** What was trained and where. A checkpoint is usable only for the same key. */
  key: string;
  step: number;
  losses: number;
  preActivations?: readonly PreActivations[] | undefined;
  optimizer: number[];
  layers: number[][];
}

/**
 * Returns a key for the checkpoints of a training: the concrete objective, its data, the runtime, and the version of
 * the engine's arithmetic.
 */
export function checkpointKey(objective: TrainingObjective, dataHash: string, runtime: string): string {
  return JSON.stringify([objective, dataHash, runtime, ENGINE_VERSION]);
}

/** Encodes a checkpoint as bytes: length of the header, the header as JSON, then all numbers as float32 in order. */
export function encodeCheckpoint(checkpoint: Checkpoint, key: string): Uint8Array<ArrayBuffer> {
  const header: Header = {
    format: 1,
    key,
    step: checkpoint.step,
    losses: checkpoint.losses.length,
    preActivations: checkpoint.preActivations,
    optimizer: checkpoint.optimizer.map(({ length }) => length),
    layers: checkpoint.layers.map((layer) => layer.map(({ length }) => length)),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const blocks = [Float32Array.from(checkpoint.losses), ...checkpoint.optimizer, ...checkpoint.layers.flat()];
  const bytes = new Uint8Array(4 + text.length + blocks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = 4 + text.length;
  for (const block of blocks) {
    bytes.set(new Uint8Array(block.buffer, block.byteOffset, block.byteLength), at);
    at += block.byteLength;
  }
  return bytes;
}

/** Decodes a checkpoint. Returns undefined if the bytes are truncated, in another format, or of another training. */
export function decodeCheckpoint(bytes: Uint8Array, key: string): Checkpoint | undefined {
  const header = readHeader(bytes);
  if (!header || header.value.format !== 1 || header.value.key !== key) return undefined;
  const { step, losses, preActivations, optimizer, layers } = header.value;
  const numbers = losses + [...optimizer, ...layers.flat()].reduce((sum, count) => sum + count, 0);
  if (bytes.length !== header.end + 4 * numbers) return undefined;
  const values = new Float32Array(bytes.slice(header.end).buffer);
  let at = 0;
  const take = (count: number) => values.slice(at, (at += count));
  return {
    step,
    losses: [...take(losses)],
    preActivations,
    optimizer: optimizer.map(take),
    layers: layers.map((layer) => layer.map(take)),
  };
}

function readHeader(bytes: Uint8Array): { value: Header; end: number } | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as Header, end };
  } catch {
    return undefined;
  }
}
