import { setImmediate as nextTurn } from 'node:timers/promises';

type Record = readonly [field: string, text: string];

/** Records as bytes that threads share instead of copying them. */
export interface PackedRecords {
  bytes: SharedArrayBuffer;
  /** End of each field and text in `bytes`, in turn. */
  ends: SharedArrayBuffer;
}

/** Records that are unpacked between two turns of the event loop. */
const AT_ONCE = 500;

export function packRecords(records: readonly Record[]): PackedRecords {
  const ends = new Float64Array(new SharedArrayBuffer(16 * records.length));
  let length = 0;
  records.forEach(([field, text], i) => {
    ends[2 * i] = length += Buffer.byteLength(field);
    ends[2 * i + 1] = length += Buffer.byteLength(text);
  });
  const bytes = new SharedArrayBuffer(length);
  const buffer = Buffer.from(bytes);
  records.forEach(([field, text], i) => {
    buffer.write(field, i === 0 ? 0 : ends[2 * i - 1]!);
    buffer.write(text, ends[2 * i]!);
  });
  return { bytes, ends: ends.buffer };
}

/** Unpacks records without holding up the event loop. */
export async function unpackRecords(packed: PackedRecords): Promise<Record[]> {
  const buffer = Buffer.from(packed.bytes);
  const ends = new Float64Array(packed.ends);
  const records: Record[] = [];
  for (let i = 0; i < ends.length / 2; i++) {
    if (i > 0 && i % AT_ONCE === 0) await nextTurn();
    const start = i === 0 ? 0 : ends[2 * i - 1];
    records.push([buffer.toString('utf8', start, ends[2 * i]), buffer.toString('utf8', ends[2 * i], ends[2 * i + 1])]);
  }
  return records;
}
