import { describe, expect, test } from 'vitest';
import { call, externalJob, validJob } from '../../../api/test/support.ts';
import { train } from '../../../api/test/train.ts';
import { create, work } from '../../../api/test/work.ts';
import { setScreen } from './chromium.ts';
import { TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

describe('the list of jobs', { timeout: TIMEOUT_MS }, () => {
  const dashboard = useDashboard();
  const { open, see, start, startIdle } = dashboard;

  test('shows jobs, their progress and best values, and is kept up to date', async () => {
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await open(url);
    await see('tbody tr', 'forest');
    await work(app, id, () => 0.25);
    const row = await see('tbody tr', 'completed');
    const cells = await row.locator('td').allInnerTexts();
    expect(cells.slice(1).map((text) => text.replaceAll(/\s+/g, ' ').trim())).toEqual([
      'forest team: trees',
      'completed',
      '6 of 6',
      'accuracy 0.2500',
      '',
      '–',
      '–',
      expect.stringMatching(/ago|just now/),
    ]);
    expect(await row.locator('a').getAttribute('href')).toBe(`#/jobs/${id}`);
  });

  test('shows for each job how its best value improved, its gain and the time that is left', async () => {
    const service = await start();
    const id = await create(service.app, { ...validJob, search: { trials: 4 } });
    await train(service, id, (trial) => (trial.includes('reference') ? 2 : 1 - Number(trial.at(-1)) / 10));
    await open(service.url);
    const row = await see('tbody tr', 'completed');
    expect(await row.locator('td').nth(6).innerText()).toMatch(/^\+1\.3000\s+confirmed \+1\.20 \[/);
    // Four values in falling steps: seven corners.
    expect((await row.locator('polyline').getAttribute('points'))!.split(' ')).toHaveLength(7);
  });

  test('shows a job that is created while it is open, without polling', async () => {
    const { app, url } = await start();
    await open(url);
    await see('p', 'No job yet');
    await dashboard.page.waitForTimeout(500);
    await create(app, externalJob);
    await see('tbody tr', 'forest');
  });

  test('can be filtered by state, name and label, and says if no job matches', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    await create(app, externalJob);
    await create(app, { ...externalJob, name: 'other', labels: {} });
    await open(url);
    await see('tbody tr', 'other');
    await page.getByLabel('State', { exact: true }).selectOption('failed');
    await see('p', 'No job matches.');
    expect(await page.locator('tbody tr').count()).toBe(0);
    await page.getByLabel('State', { exact: true }).selectOption('');
    await page.getByLabel('Part of the name').fill('oth');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await page.getByLabel('Part of the name').fill('');
    await page.getByLabel('Label: key').fill('team:trees');
    await expect.poll(() => page.locator('tbody .name').allInnerTexts()).toEqual([expect.stringContaining('forest')]);
    // The filter is part of the address.
    await page.reload();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  });

  test('is sorted by the service, over more jobs than one page of the list', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    for (let i = 0; i < 55; i++) await create(app, { ...externalJob, name: `job-${String(i).padStart(2, '0')}` });
    await open(url);
    await see('tbody tr', 'job-54');
    expect(await page.locator('tbody tr').count()).toBe(50);
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(() => page.locator('tbody .name').first().innerText()).toContain('job-00');
    expect(await page.locator('th[aria-sort=ascending]').innerText()).toContain('Name');
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(55);
  });

  test('acts on several jobs at once, after a question for what cannot be undone', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    for (const name of ['one', 'two']) await create(app, { ...externalJob, name });
    await open(url);
    await see('tbody tr', 'two');
    await expect.poll(() => page.locator('tbody .state .badge').allInnerTexts()).toEqual(['running', 'running']);
    await page.getByLabel('Select all jobs shown').check();
    await page.getByRole('button', { name: 'Pause 2' }).click();
    await expect.poll(() => page.locator('tbody .state .badge').allInnerTexts()).toEqual(['paused', 'paused']);
    await see('.notice', 'Pause: done for 2 jobs');
    await page.getByLabel('Select all jobs shown').check();
    await page.getByLabel('Label to set').fill('reviewer two');
    await page.getByRole('button', { name: 'Label' }).click();
    await see('form [role=status]', '"reviewer two" must be 1 to 64 lower-case letters');
    expect(await page.locator('#message').innerText()).toBe('');
    await page.getByLabel('Label to set').fill('owner: ada');
    await see('form [role=status]', 'key: value, or key; -key removes it');
    await page.getByRole('button', { name: 'Label' }).click();
    await expect.poll(() => page.locator('.tag', { hasText: 'owner: ada' }).count()).toBe(2);
    await page.getByLabel('Select two').check();
    await page.getByRole('button', { name: 'Cancel 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.locator('tbody .state .badge').allInnerTexts()).toEqual(['cancelled', 'paused']);
    await page.getByLabel('Select two').check();
    await page.getByRole('button', { name: 'Delete 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toHaveLength(2);
    await page.getByRole('button', { name: 'Delete 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  });

  test('keeps the rows in place when the first one is selected', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    for (const name of ['one', 'two']) await create(app, { ...externalJob, name });
    await open(url);
    await see('p', 'Select jobs to compare');
    const second = page.getByLabel('Select one');
    const before = await second.boundingBox();
    await page.getByLabel('Select two').check();
    await see('[role=group]', '1 job selected');
    expect(await second.boundingBox()).toEqual(before);
  });

  test('shows every column on a wide screen, and best and gain on a narrow one, whatever the names', async () => {
    const { page } = dashboard;
    const service = await start();
    const name = 'a-meta-network-for-the-first-layer-with-momentum';
    const labels = { team: 'vision', owner: 'ada', stage: 'first-try' };
    const id = await create(service.app, { ...validJob, name, labels, search: { trials: 4 } });
    await train(service, id, (trial) => (trial.includes('reference') ? 2 : 1.01 - Number(trial.at(-1)) / 10));
    await open(service.url);
    await see('tbody tr', 'confirmed');
    for (const width of [1400, 1280, 390]) {
      await setScreen(page, width);
      const hidden = "document.querySelector('.wide').scrollWidth - document.querySelector('.wide').clientWidth";
      expect(await page.evaluate(hidden), `${width}`).toBe(0);
    }
    // State and progress are under the name there, and the job can be selected.
    await page.locator('tbody .name .badge', { hasText: 'completed' }).waitFor();
    await page.locator('tbody .name .progress', { hasText: '4 of 4' }).waitFor();
    await page.getByLabel(`Select ${name}`).check();
    await see('[role=group]', '1 job selected');
  });

  test('says that a job confirms its best points, and how many workers are slow', async () => {
    const { app, workers, url } = await start();
    const id = await create(app, validJob);
    const worker = { runtime: 'wasm float32', backend: 'wasm', device: 'cpu' as const, slots: 1, busy: [] };
    for (const [name, stepMs] of Object.entries({ a: 40_000, b: 10_000 }))
      await workers.announce(
        {
          ...worker,
          id: name,
          name,
          recent: {
            windowMs: 120_000,
            trials: 3,
            jobs: [{ job: id, trials: 5, trialMs: 90_000, steps: 1_000, stepMs }],
          },
        },
        60_000,
      );
    await dashboard.page.route(/\/v1\/jobs\?/, async (route) => {
      const response = await route.fetch();
      const { items, ...rest } = await response.json();
      await route.fulfill({
        response,
        json: { ...rest, items: items.map((item: object) => ({ ...item, phase: 'confirming' })) },
      });
    });
    await open(url);
    await see('tbody .progress-cell', ', confirming');
    await see('a', '2 workers, 0 of 2 slots busy, 1 slow');
  });

  test('says which of the selected jobs an action was refused for, and why', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    for (const name of ['one', 'two']) await create(app, { ...externalJob, name });
    await open(url);
    await expect.poll(() => page.locator('tbody .state .badge').allInnerTexts()).toEqual(['running', 'running']);
    const [second] = (await call(app, 'GET', '/v1/jobs')).body.items;
    await page.getByLabel('Select all jobs shown').check();
    await page.route(`**/v1/jobs/${second.id}/pause`, async (route) =>
      route.fulfill({ status: 409, json: { code: 'conflict', detail: 'the job has just finished' } }),
    );
    await page.getByRole('button', { name: 'Pause 2' }).click();
    await see('.notice', 'done for 1 job, refused for 1 job');
    await see('.notice li', `${second.name}: the job has just finished`);
  });

  test('compares the selected jobs: gains, searches, and settings that differ', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const search = { ...externalJob.search, trials: 4 };
    const ids = [await create(app, externalJob), await create(app, { ...externalJob, name: 'short', search })];
    for (const id of ids) await work(app, id, ({ share }) => share!);
    await open(url);
    await expect.poll(() => page.locator('tbody .state .badge').allInnerTexts()).toEqual(['completed', 'completed']);
    await page.getByLabel('Select all jobs shown').check();
    // The trials arrive after the figures are there, which then say that there is no value yet.
    const trials = Promise.withResolvers<void>();
    await page.route(/\/trials\?/, async (route) => {
      await trials.promise;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Compare' }).click();
    await see('.figure svg text', 'No value to show.');
    trials.resolve();
    await see('h1', 'Compare jobs');
    await see('.figure h2', 'Best accuracy so far');
    await see('.figure svg text', '0.6');
    expect(await page.locator('.figure svg text', { hasText: 'No value' }).count()).toBe(0);
    await see('.verdict', / (has|have) the (same )?best accuracy: /);
    // What differs is before the figures, which are long.
    await see('.differences + .figures');
    const rows = await page.locator('.differences tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/)[0])).toEqual(['search.trials']);
    await page.getByRole('button', { name: 'Remove short' }).click();
    await see('.bar', 'Add at least two jobs');
    // The field has the focus, so that the job can be chosen at once.
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('Add a job');
    await page.getByLabel('Add a job').selectOption({ index: 1 });
    await see('.differences', 'search.trials');
  });

  test('keeps hostile names as text', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const labels = { note: '<img src=x onerror=alert(1)>' };
    const id = await create(app, { ...externalJob, labels });
    await work(app, id, () => 1);
    await open(url);
    await see('.tag', '<img');
    await open(url, `/jobs/${id}`);
    await see('.verdict', 'accuracy');
    expect(await page.locator('body img, body script').count()).toBe(0);
  });
});
