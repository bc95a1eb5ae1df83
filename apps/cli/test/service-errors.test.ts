import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidInput } from '@gradsmith/core/domain';
import { freePort } from '@gradsmith/testing';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../src/exit-codes.ts';
import { describeError } from '../src/failure.ts';
import { ServerHost } from '../src/hosts/server-host.ts';

const JOB = 'job_00000000000000000001';

/** A stand-in for a service that answers every request by `answer`. */
async function listen(answer: RequestListener): Promise<ServerHost> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return new ServerHost(`127.0.0.1:${(server.address() as AddressInfo).port}`, false);
}

async function catchError(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.unreachable('it resolved'),
    (error: Error) => error,
  );
}

function answerProblem(problem: { status: number; code: string; problems?: object[] }): RequestListener {
  return (_request, response) => {
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title: 'no', detail: 'the service says no', ...problem }));
  };
}

test('names the fields that the service refuses', async () => {
  const problems = [{ pointer: '/objective/backward/0/layer', message: 'is not a layer' }];
  const host = await listen(answerProblem({ status: 422, code: 'invalid-input', problems }));
  const error = await catchError(host.status(JOB));
  expect(error).toBeInstanceOf(InvalidInput);
  expect(error.message).toContain('objective.backward[0].layer: is not a layer');
});

test.each([
  [401, 'unauthorized', exitCodes.refused, 'GRADSMITH_API_KEY'],
  [404, 'not-found', exitCodes.notFound, 'the service says no'],
  [409, 'conflict', exitCodes.refused, 'the service says no'],
])('answers %i as %s', async (status, code, exitCode, text) => {
  const host = await listen(answerProblem({ status, code }));
  const described = describeError(await catchError(host.status(JOB)));
  expect(described).toMatchObject({ exitCode, code, message: expect.stringContaining(text) });
});

async function readTexts(texts: AsyncIterable<string>): Promise<string> {
  let read = '';
  for await (const text of texts) read += text;
  return read;
}

test('reads an exported job as it arrives, and says so if the answer breaks off', async () => {
  let isBroken = false;
  const host = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.write('{"format":"gradsmith-job",', () => {
      if (isBroken) response.destroy();
      else response.end('"notes":"é"}');
    });
  });
  expect(await readTexts(host.documentTexts(JOB))).toBe('{"format":"gradsmith-job","notes":"é"}');
  isBroken = true;
  expect(describeError(await catchError(readTexts(host.documentTexts(JOB))))).toMatchObject({
    exitCode: exitCodes.unavailable,
    code: 'broken-answer',
    message: expect.stringContaining('broke off its answer'),
  });
});

test('refuses an export that is no JSON', async () => {
  const host = await listen((_request, response) => void response.end('<html>'));
  const described = describeError(await catchError(readTexts(host.documentTexts(JOB))));
  expect(described).toMatchObject({ exitCode: exitCodes.failed, code: 'unexpected-answer' });
});

test('repeats a call that the service is too busy for', async () => {
  let calls = 0;
  const host = await listen((_request, response) => {
    calls += 1;
    response.writeHead(calls === 1 ? 503 : 200).end(JSON.stringify({ items: [] }));
  });
  expect(await host.workers()).toEqual([]);
  expect(calls).toBe(2);
});

test.each([
  ['not JSON', 200, 'welcome', 'unexpected-answer', exitCodes.failed],
  ['JSON of another program', 200, '{"hello":"world"}', 'unexpected-answer', exitCodes.failed],
  ['a page of something else', 404, '<html></html>', 'not-gradsmith', exitCodes.unavailable],
])('tells that %s does not come from a service', async (_what, status, body, code, exitCode) => {
  const host = await listen((_request, response) => void response.writeHead(status).end(body));
  expect(describeError(await catchError(host.status(JOB)))).toMatchObject({ code, exitCode });
});

test('does not wait for a service that is not there', async () => {
  const host = new ServerHost(`http://127.0.0.1:${await freePort()}`, false);
  const started = performance.now();
  const error = describeError(await catchError(host.status(JOB)));
  expect(error).toMatchObject({ code: 'server-away', exitCode: exitCodes.unavailable });
  expect(performance.now() - started).toBeLessThan(2_000);
});
