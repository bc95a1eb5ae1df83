// Adds up the tests of several vitest JSON reports: `node scripts/count-tests.ts FILE...`, and names those that failed.
// A report that is missing, or that holds no test, counts as one failure: a suite that did not run has not passed.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** The failed tests of a report, and the files that failed without one: where, and the start of the message. */
function failures(report: Report): string[] {
  return report.testResults.flatMap((file) => {
    const name = relative(process.cwd(), file.name);
    const tests = file.assertionResults.filter((test) => test.status === 'failed');
    if (!tests.length && file.status === 'failed') return [`${name}\n${start(file.message)}`];
    return tests.map((test) => `${name}: ${test.fullName}\n${start(test.failureMessages.join('\n'))}`);
  });
}

const start = (message: string): string =>
  message
    .split('\n')
    .filter((line) => !line.includes('node_modules'))
    .slice(0, 6)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    for (const failure of failures(report)) console.log(`FAILED ${failure}`);
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
