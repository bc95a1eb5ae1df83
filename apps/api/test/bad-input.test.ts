import { describe, expect, test } from 'vitest';
import { startApi, validJob } from './support.ts';

const json = { 'content-type': 'application/json' };

/** Posts a body unchanged and expects a problem that names one of the places; nothing may be stored. */
async function refuses(body: string, status: number, ...places: string[]): Promise<void> {
  const { app } = await startApi();
  const response = await app.inject({ method: 'POST', url: '/v1/jobs', payload: body, headers: json });
  expect(response.statusCode).toBe(status);
  expect(response.headers['content-type']).toContain('application/problem+json');
  const problem = response.json();
  expect(problem).toMatchObject({
    status,
    title: expect.any(String),
    detail: expect.any(String),
    code: expect.any(String),
  });
  if (places.length) expect(places).toContain(problem.problems[0].pointer);
  expect((await app.inject('/v1/jobs')).json().items).toEqual([]);
}

const text = JSON.stringify(validJob);

describe('a bad body is refused, names the place, and stores nothing', () => {
  test.each<[string, string, number, ...string[]]>([
    ['a NaN literal', text.replace('"trials":4', '"trials":NaN'), 400, '/search/trials'],
    [
      'Infinity',
      text.replace('"learningRate":0.1', '"learningRate":-Infinity'),
      400,
      '/objective/optimizer/learningRate',
    ],
    [
      'a number too large for a double',
      text.replace('"learningRate":0.1', '"learningRate":1e999'),
      422,
      '/objective/optimizer/learningRate',
    ],
    ['a duplicate key', text.replace('"trials":4', '"trials":4,"trials":5'), 422, '/search/trials'],
    ['a prototype key', text.replace('"trials":4', '"__proto__":{"trials":4}'), 422, '/search/__proto__'],
    ['a trailing comma', text.replace('"trials":4', '"trials":4,'), 400, '/search', '/search/'],
    ['a comment', `/* job */${text}`, 400, ''],
    ['half a document', text.slice(0, 40), 400, '/objective/kind', '/objective', '/objective/'],
    ['no document', '', 422, ''],
    ['an unknown field', text.replace('"trials":4', '"trials":4,"budget":5'), 422, '/search/budget'],
    ['a string for a number', text.replace('"trials":4', '"trials":"4"'), 422, '/search/trials'],
    ['a list', '[]', 422, ''],
    ['lists within lists without end', '['.repeat(100_000), 422, '/0/0/0/0/0/0/0/0'],
    ['objects within objects without end', '{"a":'.repeat(100_000), 422, '/a/a/a/a/a/a/a/a'],
  ])('%s', async (_, body, status, ...places) => refuses(body, status, ...places));

  test('5 MB', async () => refuses(JSON.stringify({ ...validJob, labels: { x: 'x'.repeat(5_000_000) } }), 413, ''));

  test('bytes that are not UTF-8', async () => {
    const { app } = await startApi();
    const payload = Buffer.from(text.replace(validJob.name, 'caf\u00e9'), 'latin1');
    const response = await app.inject({ method: 'POST', url: '/v1/jobs', payload, headers: json });
    expect(response.statusCode).toBe(400);
    expect(response.json().problems).toMatchObject([{ pointer: '', message: 'is not UTF-8, as JSON is' }]);
  });

  test('another content type', async () => {
    const { app } = await startApi();
    const response = await app.inject({
      method: 'POST',
      url: '/v1/jobs',
      payload: 'name: job',
      headers: { 'content-type': 'text/yaml' },
    });
    expect(response.statusCode).toBe(415);
  });
});

describe('a bad address is refused', () => {
  test.each<[string, string, number, string | null]>([
    ['an unknown job', '/v1/jobs/job_00000000000000000000', 404, null],
    ['the status of an unknown job', '/v1/jobs/job_00000000000000000000/status', 404, null],
    ['the trials of an unknown job', '/v1/jobs/job_00000000000000000000/trials', 404, null],
    ['something that is no id', '/v1/jobs/..%2f..%2fetc', 400, 'params /id'],
    ['an unknown place', '/v1/nothing', 404, null],
    ['a limit out of range', '/v1/jobs?limit=0', 422, 'query /limit'],
    ['an unknown state', '/v1/jobs?state=lost', 422, 'query /state'],
    ['an unknown query', '/v1/jobs?colour=red', 422, 'query /colour'],
  ])('%s', async (_, url, status, place) => {
    const { app } = await startApi();
    const response = await app.inject(url);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const [problem] = response.json().problems ?? [];
    if (place !== null) expect(`${problem.in} ${problem.pointer}`).toBe(place);
  });
});

describe('health', () => {
  test('live, ready, and described', async () => {
    const { app } = await startApi();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ok' });
    const document = (await app.inject('/openapi.json')).json();
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths)).toContain('/v1/jobs/{id}/status');
  });
});
