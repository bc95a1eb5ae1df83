import { expect, test } from 'vitest';
import { TrialTable } from '../src/job/table.ts';
import { openWindow } from './page.ts';

test('parameters may be named like any column or property', () => {
  openWindow();
  const parameters = ['State', 'Trial', 'constructor', 'missing'];
  const table = new TrialTable({
    parameters,
    metric: 'State',
    direction: 'minimize',
    hasGains: false,
    onOpen: () => {},
  });
  const row = {
    number: 3,
    state: 'pruned' as const,
    value: 0.5,
    point: { State: 'on', Trial: 7, constructor: 0.25 },
    source: 'model' as const,
    attempts: 1,
    reason: null,
    startedAt: 0,
    finishedAt: 1_000,
  };
  table.update([row], () => null);
  const cells = Array.from(table.element.querySelector('.space > .row')!.children, ({ textContent }) => textContent);
  expect(cells).toEqual(['3', 'pruned', '≥ 0.5', '1000 ms', 'on', '7', '0.25', '–']);
});
