import { writeFileSync } from 'node:fs';

/** A number behind a claim of the paper, as docs/paper/theory.md states it. */
interface MeasuredClaim {
  readonly claim: number;
  readonly quantity: string;
  readonly value: number;
}

const measured: MeasuredClaim[] = [];

/** Notes a number for the document, and returns it. */
export function measure(claim: number, quantity: string, value: number): number {
  measured.push({ claim, quantity, value });
  return value;
}

/** Writes what was measured to the file that `pnpm paper --theory` names. */
export function writeMeasuredClaims(): void {
  const file = process.env['GRADSMITH_CLAIMS_FILE'];
  if (file) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
}
