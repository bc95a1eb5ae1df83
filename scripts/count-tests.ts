// Adds up the tests of several vitest JSON reports: `node scripts/count-tests.ts FILE...`. A report that is missing, or
// that holds no test, counts as one failure: a suite that did not run has not passed.
import { readFileSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
}

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    passed += report.numPassedTests;
    failed += report.numFailedTests || report.numFailedTestSuites;
    if (report.numPassedTests + report.numFailedTests === 0) failed += 1;
  } catch (error) {
    console.log(`no result in ${file}: ${(error as Error).message}`);
    failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
