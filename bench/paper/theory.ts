import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A number that a test of the theory has measured. */
export interface MeasuredClaim {
  readonly claim: number;
  readonly quantity: string;
  readonly value: number;
}

/** What was measured, and with what. */
export interface Theory {
  readonly date: string;
  readonly runtime: string;
  readonly claims: readonly MeasuredClaim[];
}

const TESTS = 'test/engine/claims.test.ts';

/** Runs the tests of the theory on the engine. @throws Error if one of them fails */
export function measureTheory(): Theory {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-theory-'));
  const file = join(folder, 'claims.json');
  try {
    execFileSync('pnpm', ['vitest', 'run', '--project', '@gradsmith/training', TESTS], {
      cwd: new URL('../..', import.meta.url),
      env: { ...process.env, GRADSMITH_CLAIMS_FILE: file },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const claims = JSON.parse(readFileSync(file, 'utf8')) as MeasuredClaim[];
    return { date: new Date().toISOString().slice(0, 10), runtime: `wasm, Node ${process.versions.node}`, claims };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sections: readonly { readonly title: string; readonly text: string; readonly claims: readonly number[] }[] = [
  {
    title: 'Equation 3: another error for the layers below',
    text: `With δ for the errors, backpropagation computes δˡ⁻¹ = Wᵀδˡ ⊙ σ′(zˡ⁻¹). If g replaces σ′ at layer l,
the error of that layer becomes δˡ ⊙ r with r = g(zˡ)/σ′(zˡ), and the layer below gets Wᵀ(δˡ ⊙ r) ⊙ σ′(zˡ⁻¹).
**Exact**, as long as the δ on both sides of the paper's equation are read as two different errors. The sum over
the units of the layer mixes their r, so r can be taken out of it only if it is constant.`,
    claims: [4],
  },
  {
    title: 'Equation 4 with a constant: a learning rate of all layers up to this one',
    text: `If g = c·σ′, then r = c can be taken out of every sum below. **Exact** for SGD and momentum: the
gradients of layer l and of all layers below it are c times as large, those above keep every bit, and a training
with the rate c·α for these layers takes the same path. It is not the rate of layer l alone.

Weight decay that is added to the gradient breaks this, because λ·w is not multiplied by c. It is exact again with
λ/c.`,
    claims: [1, 2],
  },
  {
    title: 'Equation 4 with any other g: a rate for each neuron and example',
    text: `The gradient of the weight from input k to neuron j is the sum over the examples n of
a_nk·δ_nj·r(z_nj). With one example, r(z_j) is one factor for all weights of the neuron: β(z) = α·g(z)/σ′(z) is
its learning rate, **exactly**. With two examples or more, the factor of each weight depends on its inputs a_nk:
**no rate exists**, neither of the layer nor of the neuron.`,
    claims: [3],
  },
  {
    title: 'Why Adam and Adadelta hide a constant',
    text: `Both divide the gradient by its own size: Adam's step is m/(√v + ε), and m and √v are both multiplied
by c. What is left is c·m/(c·√v + ε) = m/(√v + ε/c): the constant only divides ε. Adadelta's step is √(u +
ε)/√(v + ε)·g, where the constant cancels as long as ε is small against v, the mean square of the gradients.
Where it is not, a larger c is a faster start. Both experiments of the paper use such optimizers: Adam with an ε
that is negligible, and Adadelta with ε = 10⁻³, which is not.`,
    claims: [5],
  },
  {
    title: 'A negative constant climbs',
    text: `With c < 0, the layers up to l move along the gradient instead of against it.`,
    claims: [6],
  },
  {
    title: 'Equation 5: feedback alignment',
    text: `With a fixed matrix B in the place of Wᵀ, the error below is Bδ ⊙ σ′ = (Wᵀδ ⊙ σ′) ⊙ Bδ/(Wᵀδ).
**Exact** as algebra, where Wᵀδ is not 0. As a learning rate it has no meaning: the factor depends on the error
instead of on z, it is negative for about half of the units, and nothing bounds it.`,
    claims: [7],
  },
  {
    title: 'Where σ′ is 0',
    text: `There, β(z) does not exist. A unit that is off for all inputs gets a gradient from g ≠ 0, which no
learning rate can give it. The field \`mask\` of a replacement removes it.`,
    claims: [8],
  },
  {
    title: 'Frozen layers in experiment 3.1',
    text: `FC1 and FC3 keep every bit; only FC2 moves.`,
    claims: [9],
  },
];

/** Writes the page: each equation with the numbers that were measured. */
export function writeTheory({ date, runtime, claims }: Theory): string {
  const head = `# The theory, measured

<!-- Written by \`pnpm paper --theory\` from results/theory.json. Change bench/paper/theory.ts, not this file. -->

What the equations of the paper say, what of it holds exactly, and what only approximately. The numbers come from the
engine that trains every job: \`packages/training/test/engine/claims.test.ts\` measures them, with fixed seeds, and
fails if one leaves its limits. Unless a row says otherwise, a number is the largest difference relative
to the largest value, in float32. Measured on ${date} (${runtime}) with \`pnpm paper --theory\`.`;
  const parts = sections.map(({ title, text, claims: numbers }) => {
    const rows = claims.filter(({ claim }) => numbers.includes(claim));
    const table = rows.map(({ quantity, value }) => `| ${quantity} | ${formatNumber(value)} |`);
    return [`## ${title}`, text, ['| measured | value |', '| --- | --- |', ...table].join('\n')].join('\n\n');
  });
  return `${[head, ...parts].join('\n\n')}\n`;
}

function formatNumber(value: number): string {
  if (value === 0) return '0';
  const [mantissa, exponent] = value.toExponential(1).split('e') as [string, string];
  if (Math.abs(Number(exponent)) < 3) return String(Number(value.toPrecision(2)));
  return `${mantissa}·10${superscript(Number(exponent))}`;
}

function superscript(exponent: number): string {
  return [...String(exponent)].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('');
}
