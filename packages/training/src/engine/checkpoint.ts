import type { PreActivations } from '@gradsmith/core/domain';
import type { TrainingObjective } from '@gradsmith/core/objective';
import { ENGINE_VERSION } from './version.ts';

/** One network of a training. */
export interface NetworkCheckpoint {
  /** Number of completed steps. A network that diverged has fewer losses. */
  readonly step: number;
  readonly losses: readonly number[];
  /** Tensors of the optimizer, including the trained weights, then those of each layer that has state. */
  readonly optimizer: readonly Float32Array[];
  readonly layers: readonly (readonly Float32Array[])[];
}

/** A training between two epochs. It needs no random state, because random streams depend only on seed and step. */
export interface Checkpoint extends NetworkCheckpoint {
  /** What was counted so far; missing in checkpoints of earlier versions. */
  readonly preActivations?: readonly PreActivations[] | undefined;
  /** The best value of the metric that was measured so far; missing in checkpoints of earlier versions. */
  readonly bestValue?: number | undefined;
  /** The networks of the further seeds, if the training has several. */
  readonly others?: readonly NetworkCheckpoint[] | undefined;
}

/** How many numbers a network has of each kind. */
interface Counts {
  step: number;
  losses: number;
  optimizer: number[];
  layers: number[][];
}

interface Header extends Counts {
  format: 1;
  /** What was trained and where. A checkpoint is usable only for the same key. */
  key: string;
  preActivations?: readonly PreActivations[] | undefined;
  bestValue?: number | undefined;
  others?: Counts[] | undefined;
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
  const { preActivations, bestValue, others } = checkpoint;
  const counts = others?.map(countNumbers);
  const header: Header = { format: 1, key, preActivations, bestValue, ...countNumbers(checkpoint), others: counts };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const blocks = [checkpoint, ...(others ?? [])].flatMap(({ losses, optimizer, layers }) => [
    Float32Array.from(losses),
    ...optimizer,
    ...layers.flat(),
  ]);
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

function countNumbers({ step, losses, optimizer, layers }: NetworkCheckpoint): Counts {
  return {
    step,
    losses: losses.length,
    optimizer: optimizer.map(({ length }) => length),
    layers: layers.map((layer) => layer.map(({ length }) => length)),
  };
}

/** Decodes a checkpoint. Returns undefined if the bytes are truncated, in another format, or of another training. */
export function decodeCheckpoint(bytes: Uint8Array, key: string): Checkpoint | undefined {
  const header = readHeader(bytes);
  if (!header || header.value.format !== 1 || header.value.key !== key) return undefined;
  const { preActivations, bestValue, others, ...first } = header.value;
  const numbers = [first, ...(others ?? [])]
    .flatMap(({ losses, optimizer, layers }) => [losses, ...optimizer, ...layers.flat()])
    .reduce((sum, count) => sum + count, 0);
  if (bytes.length !== header.end + 4 * numbers) return undefined;
  const values = new Float32Array(bytes.slice(header.end).buffer);
  let at = 0;
  const take = (count: number) => values.slice(at, (at += count));
  const takeNetwork = ({ step, losses, optimizer, layers }: Counts): NetworkCheckpoint => ({
    step,
    losses: [...take(losses)],
    optimizer: optimizer.map(take),
    layers: layers.map((layer) => layer.map(take)),
  });
  const checkpoint = { ...takeNetwork(first), preActivations, bestValue };
  return others ? { ...checkpoint, others: others.map(takeNetwork) } : checkpoint;
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
