// crc-32 has no declarations for its second module.
declare module 'crc-32/crc32c.js' {
  const crc32c: { buf(data: Uint8Array, seed?: number): number };
  export default crc32c;
}
