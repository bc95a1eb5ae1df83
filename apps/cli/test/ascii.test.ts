import { createJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLedger } from '../src/embedded/open.ts';
import { toAscii } from '../src/text/ascii.ts';
import { folder, gaussians, gradsmith, jobFile, remove } from './support.ts';

const PATIENCE_MS = 60_000;
// eslint-disable-next-line no-control-regex -- the range of ASCII
const ASCII = /^[\u0000-\u007F]*$/;

test('replaces what the terminal does not have by what looks alike', () => {
  expect(toAscii('aulc ≥ −2.5 ★ … █░ σ′(z) g² × é ﬁ 猫')).toBe("aulc >= -2.5 * ... #. sigma'(z) g^2 x e fi ?");
  expect(toAscii('plain text\n\tstays')).toBe('plain text\n\tstays');
});

describe('prints ASCII only', () => {
  const cwd = folder(true);
  beforeAll(async () => {
    jobFile(cwd, gaussians());
    expect((await gradsmith(['run', 'job.json', '--plain'], { cwd })).code).toBe(0);
    const ledger = await openLedger(`${cwd}/gradsmith-data`);
    await createJob(ledger, 'job_00000000000000000001', parseJob(JSON.parse(gaussians({ name: 'other' }))));
    await ledger.close();
  }, PATIENCE_MS);
  afterAll(() => remove(cwd));

  test.each([
    ['--ascii', ['--ascii'], {}],
    ['GRADSMITH_ASCII', [], { GRADSMITH_ASCII: '1' }],
    ['a locale without UTF-8', [], { LANG: 'en_US.UTF-8', LC_ALL: 'C' }],
    ['TERM=dumb', [], { TERM: 'dumb' }],
  ] as const)(
    'with %s, in results, help and errors',
    async (_, args, env) => {
      const commands = [
        ['status', 'two-gaussians'],
        ['validate', 'none-é.yaml'],
        ['trials', '--help'],
        ['trials', 'two-gaussians', '0'],
        ['watch', 'two-gaussians'],
      ];
      // The option goes through all of them; what else sets it, through a result and an error.
      for (const command of args.length ? commands : commands.slice(0, 2)) {
        const { stdout, stderr } = await gradsmith([...command, ...args], { cwd, env });
        expect(stdout + stderr).toMatch(ASCII);
        expect(stdout + stderr).not.toBe('');
      }
    },
    PATIENCE_MS,
  );

  test(
    'but not in JSON, nor by default',
    async () => {
      const env = { LANG: 'C.UTF-8' };
      expect((await gradsmith(['status', 'two-gaussians'], { cwd, env })).stdout).toContain('−');
      const { stderr } = await gradsmith(['validate', 'none-é.yaml', '--json', '--ascii'], { cwd });
      expect(JSON.parse(stderr).error.message).toContain('none-é.yaml');
    },
    PATIENCE_MS,
  );
});
