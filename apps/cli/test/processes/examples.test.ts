import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idx, ramp } from '../../../../packages/training/test/data/files.ts';
import { listExamples } from '../../src/commands/define.ts';
import { allCommands, formatCall, makeProgram } from '../../src/program.ts';
import { startService, type Service } from '../service.ts';
import { story, type Step } from '../story.ts';
import { waitForExit, folder, remove, root, start, type ExitedProcess } from '../support.ts';

const commands = allCommands(makeProgram());
const PATIENCE_MS = 300_000;

test("every command's help shows an example of it, and the story below has each of them", () => {
  for (const command of commands) {
    const examples = listExamples(command);
    expect(examples.length, formatCall(command)).toBeGreaterThan(0);
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    for (const example of examples) {
      expect(help).toContain(`  ${example}\n`);
      expect(`${example} `.startsWith(`${formatCall(command)} `), example).toBe(true);
    }
  }
  expect(story.map(({ example }) => example).sort()).toEqual(commands.flatMap(listExamples).sort());
});

describe('the examples of the help, one after the other', () => {
  const cwd = folder(true);
  let service: Service;
  const alongside: { step: Step; stop: () => Promise<ExitedProcess> }[] = [];

  beforeAll(async () => {
    symlinkSync(join(root, 'examples'), join(cwd, 'examples'));
    writeImages(join(cwd, 'my-digits'));
    service = await startService();
  }, PATIENCE_MS);
  afterAll(async () => {
    await Promise.all(alongside.map(({ stop }) => stop()));
    await service?.stop();
    remove(cwd);
  }, PATIENCE_MS);

  const run = ({ example, until, env }: Step): { stop: () => Promise<ExitedProcess>; end: Promise<ExitedProcess> } => {
    const args = example
      .split(' ')
      .slice(1)
      .map((word) =>
        word
          .replace('http://localhost:8080', service.url)
          .replace('redis://localhost:6379', service.redis)
          .replace('~', cwd),
      );
    const child = start(args, { cwd, env });
    const end = waitForExit(child);
    if (until) createInterface(child.stdout).on('line', (line) => void (until.test(line) && child.kill('SIGINT')));
    return { end, stop: async () => (child.kill('SIGINT'), end) };
  };

  test.each(story)(
    '$example',
    async (step) => {
      const { end, stop } = run(step);
      if (step.alongside) alongside.push({ step, stop });
      else check(step, await end);
    },
    PATIENCE_MS,
  );

  test(
    'what ran next to them ends with Ctrl-C',
    async () => {
      for (const { step, stop } of alongside.splice(0)) check(step, await stop());
    },
    PATIENCE_MS,
  );
});

/** Returns files in the format of MNIST, with thirty made-up images of 8 × 8 pixels. */
function writeImages(folder: string): void {
  mkdirSync(folder);
  for (const [part, count] of [
    ['train', 20],
    ['t10k', 10],
  ] as const) {
    const { inputs, labels } = ramp(count, 64);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([count, 8, 8], inputs));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([count], labels));
  }
}

function check({ code = 0, stdout = /^/, stderr = /^/ }: Step, got: ExitedProcess): void {
  expect(got.code, got.stderr).toBe(code);
  expect(got.stdout).toMatch(stdout);
  expect(got.stderr).toMatch(stderr);
  // A pipe gets no escape sequences.
  expect(`${got.stdout}${got.stderr}`).not.toContain('\u001B');
}
