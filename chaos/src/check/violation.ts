/** A rule that the ledger broke, and where. */
export interface Violation {
  rule: string;
  where: string;
  detail: string;
}

/** Collects what is wrong with one thing. */
export class Findings {
  readonly violations: Violation[] = [];
  checks = 0;

  /** Notes a violation unless it holds. */
  expect(holds: boolean, rule: string, where: string, detail: () => unknown = () => ''): void {
    this.checks += 1;
    if (holds) return;
    const said = detail();
    this.violations.push({ rule, where, detail: typeof said === 'string' ? said : JSON.stringify(said) });
  }
}
