import { randomUUID } from 'node:crypto';
import { ApiProblem } from '@gradsmith/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { call, externalJob, startApi, startService, validJob } from '../../api/test/support.ts';
import { train } from '../../api/test/train.ts';
import { create, work } from '../../api/test/work.ts';
import { openPage } from './page.ts';

const cells = (row: HTMLElement): string[] => Array.from(row.children, (cell) => cell.textContent.trim());

test('the list shows jobs, their progress and best values, and is kept up to date', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  const page = await openPage(app);
  await page.see('tbody tr', 'forest');
  await work(app, id, () => 0.25);
  const row = await page.see('tbody tr', 'completed');
  expect(cells(row)).toEqual([
    'forest team: trees',
    'completed',
    '6 of 6',
    'accuracy 0.2500',
    '–',
    expect.stringMatching(/ago|just now/),
  ]);
  expect(row.querySelector('a')!.getAttribute('href')).toBe(`#/jobs/${id}`);
});

test('the list can be filtered by state and says if no job matches', async () => {
  const { app } = await startService();
  await create(app, externalJob);
  const page = await openPage(app);
  await page.see('tbody tr', 'forest');
  const filter = (await page.see('select')) as HTMLSelectElement;
  filter.value = 'failed';
  filter.dispatchEvent(new page.window.Event('change') as unknown as Event);
  await page.see('p', 'No job matches.');
  expect(document.querySelectorAll('tbody tr')).toHaveLength(0);
});

test('a job page shows figures and every trial, and a trial opens', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth, share }) => depth! * share!);
  const page = await openPage(app, `#/jobs/${id}`);
  await page.see('h1', 'forest');
  await page.see('.verdict', 'The best accuracy was');
  await page.see('section h2', 'Importance of the parameters');
  const figures = Array.from(document.querySelectorAll('section h2'), (heading) => heading.textContent);
  expect(figures).toEqual([
    'The search',
    'Reported values by step',
    'Importance of the parameters',
    'Value by parameter',
    'Trials',
  ]);
  expect(document.querySelectorAll('.space > .row')).toHaveLength(6);
  (await page.see('.space .link', '3')).click();
  await page.see('dialog .facts', 'criterion');
  await page.see('dialog tbody', 'reported');
});

test('the page of a job with null hypotheses says whether the shape of its b-function is worth anything', async () => {
  const service = await startService();
  const confirm = { top: 1, seeds: 3, against: ['backpropagation', 'constant'], budget: 2 };
  const id = await create(service.app, { ...validJob, search: { trials: 2 }, confirm });
  await train(service, id, (trial) => (trial.includes('reference') ? 1 : 0.8 + Number(trial.at(-1)) / 100));
  await openPage(service.app, `#/jobs/${id}`).then(({ see }) =>
    see('.verdict', 'cannot be distinguished from the best constant'),
  );
  const limits = Array.from(document.querySelectorAll('.notes li'), (note) => note.textContent);
  expect(limits).toContainEqual(expect.stringMatching(/^adam divides by the size of past gradients/));
  // Trials that tune a baseline are not listed among those of the search.
  expect(document.querySelectorAll('.space > .row')).toHaveLength(2);
});

test('trials can be sorted and filtered', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await work(app, id, ({ depth }) => depth!);
  const page = await openPage(app, `#/jobs/${id}`);
  await page.see('.space .row');
  (await page.see('.head button', 'accuracy')).click();
  const values = Array.from(document.querySelectorAll('.space > .row'), (row) => Number(row.children[2]!.textContent));
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  const filter = document.querySelector<HTMLSelectElement>('.trials select')!;
  filter.value = 'failed';
  filter.dispatchEvent(new page.window.Event('change') as unknown as Event);
  expect(document.querySelectorAll('.space > .row')).toHaveLength(0);
});

test('a job can be paused, resumed and cancelled', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  const page = await openPage(app, `#/jobs/${id}`);
  for (const [button, state] of [
    ['Pause', 'paused'],
    ['Resume', 'running'],
    ['Cancel', 'cancelled'],
  ] as const) {
    (await page.see('.actions button', button)).click();
    await vi.waitFor(
      async () => expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.state).toBe(state),
      5_000,
    );
    await page.see('.badge', state);
  }
  await page.see('.actions button', 'Delete');
});

test('the error of an action stays until the next action', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  const page = await openPage(app, `#/jobs/${id}`);
  const statusReads = vi.spyOn(page.api, 'statusIfChanged');
  vi.spyOn(page.api, 'pause').mockRejectedValueOnce(new ApiProblem(403, { detail: 'this key may only read' }));
  (await page.see('.actions button', 'Pause')).click();
  await page.see('.message', 'this key may only read');
  const before = statusReads.mock.calls.length;
  await vi.waitFor(() => expect(statusReads.mock.calls.length).toBeGreaterThan(before + 2), 10_000);
  await page.see('#message', 'this key may only read');
  (await page.see('.actions button', 'Pause')).click();
  await page.see('.badge', 'paused');
  expect(document.querySelector('#message')!.textContent).toBe('');
});

test('durations are updated while nothing else changes', async () => {
  const { app } = await startService();
  const id = await create(app, externalJob);
  await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt: randomUUID(), lease: '1m', wait: '2s' });
  const page = await openPage(app, `#/jobs/${id}`);
  const statusReads = vi.spyOn(page.api, 'statusIfChanged');
  await page.see('.space .row', 'running');
  await vi.waitFor(async () => expect(await statusReads.mock.results.at(-1)?.value).toBeNull(), 10_000);
  const unchanged = statusReads.mock.results.length;
  const times = (): string[] => {
    const row = Array.from(document.querySelectorAll<HTMLElement>('.space > .row')).find(({ textContent }) =>
      textContent.includes('running'),
    )!;
    return [
      row.children[3]!.textContent,
      /created (.*)/.exec(document.querySelector('.progress + p')!.textContent)![1]!,
    ];
  };
  const [took, created] = times();
  await vi.waitFor(() => {
    expect(times()[0]).not.toBe(took);
    expect(times()[1]).not.toBe(created);
  }, 5_000);
  for (const { value } of statusReads.mock.results.slice(unchanged)) expect(await value).toBeNull();
});

test('shows that a service accepts requests and does not answer', async () => {
  const { app } = await startService();
  const page = await openPage(app, '#/', 300);
  await page.see('p', 'No job yet');
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async (_address, init) =>
      new Promise((_answer, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal!.reason as Error)),
      ),
  );
  onTestFinished(() => void vi.restoreAllMocks());
  await page.see('.message', 'the service does not answer; trying again in');
});

test('a job can be copied, changed and posted', async () => {
  const { app } = await startApi();
  const id = await create(app, validJob);
  const page = await openPage(app, `#/jobs/${id}`);
  (await page.see('.actions button', 'Copy as new job')).click();
  const area = (await page.see('textarea')) as HTMLTextAreaElement;
  expect(area.value).toContain('name: gaussians');
  area.value = area.value.replace('name: gaussians', 'name: changed');
  (await page.see('form')).dispatchEvent(new page.window.Event('submit', { cancelable: true }) as unknown as Event);
  await page.see('h1', 'changed');
  const { body } = await call(app, 'GET', '/v1/jobs?name=changed');
  expect(body.items).toHaveLength(1);
});

test('a faulty job is not posted, and its fault is shown at its line', async () => {
  const { app } = await startApi();
  const page = await openPage(app, '#/new');
  const area = (await page.see('textarea')) as HTMLTextAreaElement;
  area.value = area.value.replace('epochs: 100', 'epochs: 0');
  area.dispatchEvent(new page.window.Event('input') as unknown as Event);
  await page.see('.findings li', 'line 10, objective.epochs');
  expect((await page.see('.gutter .wrong')).textContent).toBe('10');
  (await page.see('form')).dispatchEvent(new page.window.Event('submit', { cancelable: true }) as unknown as Event);
  expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
});

test('a fault that only the service finds is shown at its line, too', async () => {
  const { app } = await startApi({ maxTrialFlops: 1 });
  const page = await openPage(app, '#/new');
  (await page.see('form')).dispatchEvent(new page.window.Event('submit', { cancelable: true }) as unknown as Event);
  await page.see('.findings li', 'line ');
  expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
});

test('shows that a job is unknown, and tries again', async () => {
  const { app } = await startApi();
  const page = await openPage(app, '#/jobs/job_00000000000000000000');
  await page.see('.message', 'does not exist; trying again in 2 s');
});

test('hostile names stay text', async () => {
  const { app } = await startService();
  const labels = { note: '<img src=x onerror=alert(1)>' };
  const id = await create(app, { ...externalJob, labels });
  await work(app, id, () => 1);
  const page = await openPage(app);
  await page.see('.tag', '<img');
  page.visit(`#/jobs/${id}`);
  await page.see('.verdict', 'accuracy');
  expect(document.querySelectorAll('img, script')).toHaveLength(0);
});
