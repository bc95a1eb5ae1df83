/** A rule that the ledger violates, and where. */
export interface Violation {
  rule: string;
  where: string;
  detail: string;
}

/** Collects violations and counts checks. */
export class Findings {
  readonly violations: Violation[] = [];
  checks = 0;

  /** Records a violation if the condition does not hold. */
  expect(holds: boolean, rule: string, where: string, detail: () => unknown = () => ''): void {
    this.checks += 1;
    if (holds) return;
    const described = detail();
    this.violations.push({
      rule,
      where,
      detail: typeof described === 'string' ? described : JSON.stringify(described),
    });
  }
}
