/** The content of an IDX file of unsigned bytes (LeCun, Cortes, Burges: the MNIST database). */
export interface IdxArray {
  shape: number[];
  values: Uint8Array;
}

/**
 * Parses an IDX file.
 *
 * @throws Error that starts with `name` if the bytes are not an IDX file of unsigned bytes
 */
export function parseIdx(bytes: Buffer, name: string): IdxArray {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0) throw new Error(`${name} is not an IDX file`);
  if (bytes[2] !== 0x08)
    throw new Error(`${name} holds values of type 0x${bytes[2]!.toString(16)}; only unsigned bytes are read`);
  const dimensions = bytes[3]!;
  const start = 4 + 4 * dimensions;
  if (dimensions === 0 || bytes.length < start) throw new Error(`${name} ends inside its header`);
  const shape = Array.from({ length: dimensions }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const count = shape.reduce((product, side) => product * side, 1);
  if (bytes.length !== start + count) throw new Error(`${name} has ${bytes.length} bytes instead of ${start + count}`);
  return { shape, values: bytes.subarray(start) };
}
