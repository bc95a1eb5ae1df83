import crc32c from 'crc-32/crc32c.js';

/**
 * Encodes one record of a TFRecord file: length, masked CRC-32C of the length, data, masked CRC-32C of the data; all
 * numbers little-endian.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, computeMaskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, computeMaskedCrc(data), true);
  return record;
}

function computeMaskedCrc(data: Uint8Array): number {
  const crc = crc32c.buf(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
