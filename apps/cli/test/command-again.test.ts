import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandAgain } from '../src/commands/run.ts';
import { EmbeddedHost } from '../src/hosts/embedded-host.ts';

const readArguments = (options: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\n' ${options}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

test.each(['my runs/ledger', "it's here", 'a $HOME `id`', '/plain/path-1.2'])('a command can be pasted: %s', (data) => {
  expect(readArguments(commandAgain('', { data, slots: 2 }))).toEqual(['--data', data, '--slots', '2']);
  expect(readArguments(new EmbeddedHost({} as never, data, false).flags)).toEqual(['--data', data]);
});

test('a plain path has no quotes', () => {
  expect(commandAgain('gradsmith demo', { data: 'runs/a_1', slots: 2 })).toBe(
    'gradsmith demo --data runs/a_1 --slots 2',
  );
});
