// Serves the test functions to programs in other languages. Reads one request per line and writes one answer per line:
//   {"describe": name} → {"space": …}
//   {"problem": name, "point": …, "seed": s, "number": n} → {"value": value with noise, "truth": noiseless value}
import { createInterface } from 'node:readline';
import type { Point } from '@gradsmith/bayesopt';
import { findProblem, addNoise } from './protocol.ts';

interface Request {
  describe?: string;
  problem: string;
  point: Point;
  seed: number;
  number: number;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const problem = findProblem(request.describe ?? request.problem);
  if (request.describe !== undefined) {
    process.stdout.write(`${JSON.stringify({ space: problem.space })}\n`);
    continue;
  }
  const truth = problem.evaluate(request.point);
  const value = addNoise(problem, truth, request.seed, request.number);
  process.stdout.write(`${JSON.stringify({ value, truth })}\n`);
}
