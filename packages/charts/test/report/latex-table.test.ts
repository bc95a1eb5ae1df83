import { expect, test } from 'vitest';
import { escapeLatex, renderLatexTable } from '../../src/report/latex-table.ts';
import { exampleReport } from '../fixture.ts';

test('the table has the best trials with their gains, between the rules of booktabs', () => {
  const lines = renderLatexTable(exampleReport()).split('\n');
  expect(lines.slice(0, 3)).toEqual(['% \\usepackage{booktabs}', '\\begin{tabular}{rrrrllllll}', '\\toprule']);
  expect(lines[3]).toMatch(/^Trial & AULC & Search gain & Confirmed gain \(95\\,\\%\) & relu7\.u & .* \\\\$/);
  expect(lines[5]).toMatch(/^17 & \$1\.7410\$ & \$\+0\.0970\$ & \$\+0\.050\$ \[\$0\.037\$, \$0\.063\$\] & .*\\\\$/);
  expect(lines.filter((line) => line.endsWith(' \\\\'))).toHaveLength(11);
  expect(lines.every((line) => !line.includes('−'))).toBe(true);
});

test('names and values are escaped', () => {
  expect(escapeLatex('a_b & 5% {x} ^~\\')).toBe(
    'a\\_b \\& 5\\% \\{x\\} \\textasciicircum{}\\textasciitilde{}\\textbackslash{}',
  );
  expect(escapeLatex('z > 0 | z < 1')).toBe('z \\textgreater{} 0 \\textbar{} z \\textless{} 1');
  const report = exampleReport();
  const trials = report.trials.map((trial) => ({ ...trial, point: { a_b: 'x&y', rate: 1.5e-7 } }));
  const parameters = [
    { name: 'a_b', type: 'categorical', choices: ['x&y', 'z'] },
    { name: 'rate', type: 'float', low: 0, high: 1 },
  ] as const;
  const table = renderLatexTable({ ...report, trials, parameters });
  expect(table).toContain('& a\\_b & rate \\\\');
  expect(table).toContain('& x\\&y & $1.5 \\cdot 10^{-7}$ \\\\');
  expect(renderLatexTable({ ...report, trials: [] })).toBe('');
});

test('a gain that is smaller than the digits of the values has its own digits', () => {
  const report = exampleReport();
  const trials = [{ number: 3, state: 'complete' as const, value: 1.414001, point: {} }];
  const table = renderLatexTable({ ...report, trials, reference: { ...report.reference!, value: 1.414003 } });
  expect(table).toMatch(/^3 & \$1\.414\$ & \$\+2 \\cdot 10\^\{-6\}\$ & /m);
});
