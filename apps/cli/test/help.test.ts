import { expect, test } from 'vitest';
import { allCommands, makeProgram } from '../src/program.ts';

test('the help says which options are required', () => {
  let text = '';
  const program = makeProgram({ writeOut: (part) => void (text += part) });
  const showsRequired = (name: string, option: string): boolean => {
    text = '';
    program.commands.find((command) => command.name() === name)!.outputHelp();
    return text.split('\n').some((line) => line.trim().startsWith(option) && line.endsWith('(required)'));
  };
  const required = allCommands(program).flatMap((command) =>
    command.options.filter(({ mandatory }) => mandatory).map(({ long }) => [command.name(), long!] as const),
  );
  expect(required).toEqual([['invalidate', '--reason']]);
  for (const [name, option] of required) expect(showsRequired(name, option)).toBe(true);
  expect(showsRequired('invalidate', '--data')).toBe(false);
  expect(showsRequired('delete', '--yes')).toBe(true);
});
