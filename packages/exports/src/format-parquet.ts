import { ByteWriter, ParquetWriter, schemaFromColumnData, type BasicType } from 'hyparquet-writer';
import type { Column, ColumnType } from './columns.ts';

/** Rows that are held in memory and become one row group. */
const GROUP = 10_000;

const types: Readonly<Record<ColumnType, BasicType>> = {
  boolean: 'BOOLEAN',
  integer: 'INT64',
  number: 'DOUBLE',
  text: 'STRING',
  time: 'TIMESTAMP',
};

type Cell = bigint | boolean | number | string | Date | null;

/** Writes rows as a Parquet file, one row group at a time. A cell that a row lacks is null. */
export async function* formatParquet(
  columns: readonly Column[],
  rows: AsyncIterable<object>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: columns.map((column) => describeColumn(column, [])) });
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'gradsmith' });
  const write = (group: readonly object[]): Uint8Array => {
    const columnData = columns.map((column) => describeColumn(column, readCells(column, group)));
    void parquet.write({ columnData, rowGroupSize: GROUP });
    return takeBytes(writer);
  };
  let group: object[] = [];
  for await (const row of rows) {
    if (group.push(row) < GROUP) continue;
    yield write(group);
    group = [];
  }
  if (group.length) yield write(group);
  void parquet.finish();
  yield takeBytes(writer);
}

function describeColumn({ name, type }: Column, data: Cell[]): { name: string; type: BasicType; data: Cell[] } {
  return { name, type: types[type], data };
}

function readCells({ name, type }: Column, rows: readonly object[]): Cell[] {
  return rows.map((row) => {
    const cell = Object.hasOwn(row, name) ? (row as Record<string, Cell | undefined>)[name] : undefined;
    if (cell === undefined || cell === null) return null;
    if (type === 'integer') return BigInt(cell as number);
    return type === 'time' ? new Date(cell as number) : cell;
  });
}

/** Empties the writer, which keeps counting the bytes of the file for its offsets. */
function takeBytes(writer: ByteWriter): Uint8Array {
  const bytes = new Uint8Array(writer.buffer.slice(0, writer.index));
  writer.index = 0;
  return bytes;
}
