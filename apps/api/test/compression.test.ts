import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { call, callWith, externalJob, startApi, startService } from './support.ts';
import { create, work } from './work.ts';

describe('compression', () => {
  test('shrinks lists and streamed exports for clients that accept it, and changes no byte', async () => {
    const { app } = await startService();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 30 } });
    await work(app, id, ({ depth }) => depth!);
    for (const path of ['trials', 'export', 'trials.jsonl', 'trials.csv']) {
      const url = `/v1/jobs/${id}/${path}`;
      const plain = await app.inject(url);
      expect(plain.headers['content-encoding'], path).toBeUndefined();
      for (const [encoding, decompress] of [
        ['gzip', gunzipSync],
        ['br', brotliDecompressSync],
        ['zstd', zstdDecompressSync],
      ] as const) {
        const packed = await app.inject({ url, headers: { 'accept-encoding': encoding } });
        expect([packed.headers['content-encoding'], packed.headers.vary], path).toEqual([encoding, 'accept-encoding']);
        expect(decompress(packed.rawPayload).toString(), path).toBe(plain.body);
        expect(packed.rawPayload.length, path).toBeLessThan(plain.rawPayload.length / 2);
      }
    }
  });

  test('leaves event streams alone: the first event arrives while the stream is open', async () => {
    const { app } = await startApi();
    const id = await create(app, externalJob);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const stop = new AbortController();
    const response = await fetch(`${url}/v1/jobs/${id}/events`, {
      headers: { 'accept-encoding': 'gzip, br' },
      signal: stop.signal,
    });
    expect(response.headers.get('content-encoding')).toBeNull();
    let text = '';
    for await (const chunk of response.body!) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('event: job')) break;
    }
    expect(text).toContain(id);
    stop.abort();
  });
});

describe('an entity tag', () => {
  test('of a job, its trials and lists is answered 304 until something changes', async () => {
    const { app } = await startApi();
    const id = await create(app, externalJob);
    const paths = [`/v1/jobs/${id}`, `/v1/jobs/${id}/trials`, `/v1/jobs/${id}/status`, '/v1/jobs', '/openapi.json'];
    const tags = new Map<string, string>();
    for (const path of paths) {
      const first = await call(app, 'GET', path);
      const tag = String(first.headers.etag);
      tags.set(path, tag);
      for (const header of [tag, `"other", ${tag}`]) {
        const again = await callWith(app, 'GET', path, { headers: { 'if-none-match': header } });
        expect([again.status, again.text, again.headers.etag], path).toEqual([304, '', tag]);
        expect(Object.keys(again.headers), path).not.toContain('content-length');
      }
      expect((await callWith(app, 'HEAD', path, {})).headers.etag, path).toBe(tag);
      const strong = { 'if-none-match': tag.replace('W/', '') };
      const head = await callWith(app, 'HEAD', path, { headers: strong });
      expect([head.status, head.text, head.headers.etag], path).toEqual([304, '', tag]);
      expect(Object.keys(head.headers), path).not.toContain('content-length');
      expect((await callWith(app, 'GET', path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    }
    await call(app, 'POST', `/v1/jobs/${id}/cancel`);
    for (const path of [`/v1/jobs/${id}`, `/v1/jobs/${id}/status`, '/v1/jobs']) {
      const headers = { 'if-none-match': tags.get(path)! };
      expect((await callWith(app, 'GET', path, { headers })).status, path).toBe(200);
    }
  });

  test('is the same for a compressed answer', async () => {
    const { app } = await startApi();
    const { etag } = (await call(app, 'GET', '/v1/catalogue')).headers;
    const headers = { 'if-none-match': String(etag), 'accept-encoding': 'gzip' };
    expect((await callWith(app, 'GET', '/v1/catalogue', { headers })).status).toBe(304);
  });
});
