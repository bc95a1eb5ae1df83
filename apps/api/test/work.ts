import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { call, callWith } from './support.ts';

/** Completes trials until the job has finished or `most` trials are complete. Reports `value` of each point. */
export async function work(
  app: FastifyInstance,
  job: string,
  value: (point: Record<string, number>) => number,
  most = Infinity,
): Promise<string[]> {
  const completed: string[] = [];
  while (completed.length < most) {
    const attempt = randomUUID();
    const { body } = await call(app, 'POST', `/v1/jobs/${job}/ask`, { attempt, wait: '2s' });
    if (body.answer === 'finished') return completed;
    if (body.answer === 'wait') {
      await delay(20);
      continue;
    }
    const { body: answer } = await call(app, 'POST', `/v1/jobs/${job}/trials/${body.trial}/tell`, {
      attempt,
      value: value(body.point),
      metrics: { loss: 0.5 },
      curve: [1, 0.5],
    });
    if (answer.answer !== 'reported') throw new Error(`trial ${body.trial}: ${JSON.stringify(answer)}`);
    completed.push(body.trial);
  }
  return completed;
}

export async function create(app: FastifyInstance, job: object, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await callWith(app, 'POST', '/v1/jobs', { payload: job, headers });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id;
}
