import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Smaller answers would hardly shrink, bytes. */
const THRESHOLD = 1_024;
/** Fast rather than small: an export of a large job must not occupy a processor for minutes. */
const BROTLI_QUALITY = 4;

/**
 * Compresses answers for clients that accept it, also exports while they are streamed: with zstd if they accept that,
 * which makes lists as small as brotli does in a fifth of the time. Event streams are sent as they are, because each
 * event has to arrive at once. Bodies of requests are never decompressed.
 */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    threshold: THRESHOLD,
    encodings: ['zstd', 'br', 'gzip', 'deflate'],
    globalDecompression: false,
    customTypes: /^(?:text\/(?!event-stream)|application\/(?:[a-z]+\+)?(?:json|jsonl|javascript)\b|image\/svg)/,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
}
