// The test functions for programs in other languages: a request a line in, an answer a line out.
//   {"describe": name}                          → {"space": …}
//   {"problem": name, "point": …, "seed": s, "number": n} → {"value": what the search is told, "truth": the noiseless
// value}
import { createInterface } from 'node:readline';
import type { Point } from '@gradsmith/bayesopt';
import { problemOf, valueOf } from './protocol.ts';

interface Request {
  describe?: string;
  problem: string;
  point: Point;
  seed: number;
  number: number;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const problem = problemOf(request.describe ?? request.problem);
  if (request.describe !== undefined) {
    process.stdout.write(`${JSON.stringify({ space: problem.space })}\n`);
    continue;
  }
  const truth = problem.evaluate(request.point);
  const value = valueOf(problem, truth, request.seed, request.number);
  process.stdout.write(`${JSON.stringify({ value, truth })}\n`);
}
