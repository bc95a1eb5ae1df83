import { describe, expect, test } from 'vitest';
import { call, externalJob, validJob } from '../../../api/test/support.ts';
import { create } from '../../../api/test/work.ts';
import { LAN_NAME } from './chromium.ts';
import { TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

describe('the page for a new job', { timeout: TIMEOUT_MS }, () => {
  const dashboard = useDashboard();
  const { open, see, startIdle } = dashboard;

  const readText = async (): Promise<string> =>
    (await dashboard.page.locator('.cm-line').allInnerTexts()).map((line) => line.replace(/\n$/, '')).join('\n');
  /** Replaces the text as a user does who pastes another one. */
  const write = async (text: string): Promise<void> => {
    await dashboard.page.locator('.cm-content').click();
    await dashboard.page.keyboard.press('Control+a');
    await dashboard.page.keyboard.insertText(text);
  };

  test('starts from a job that is copied, which is changed and posted', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    const id = await create(app, validJob);
    await open(url, `/jobs/${id}`);
    await page.getByRole('button', { name: 'Copy as new job' }).click();
    await see('.cm-content', 'name: gaussians');
    await page.locator('.cm-line', { hasText: 'name: gaussians' }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+Home');
    await page.keyboard.insertText('name: changed');
    await page.getByRole('button', { name: 'Create job' }).click();
    await see('h1', 'changed');
    expect((await call(app, 'GET', '/v1/jobs?name=changed')).body.items).toHaveLength(1);
  });

  test('does not post a faulty job, and shows its fault at its line', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    await open(url, '/new');
    await see('.cm-content', 'epochs: 100');
    await write((await readText()).replace('epochs: 100', 'epochs: 0'));
    await see('.findings li', 'line 10, objective.epochs');
    expect(await page.locator('.cm-lint-marker-error').count()).toBe(1);
    await page.getByRole('button', { name: 'Create job' }).click();
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });

  test('shows a fault that only the service finds at its line, too', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle({ maxTrialFlops: 1 });
    await open(url, '/new');
    await see('[role=status]', 'valid');
    await page.getByRole('button', { name: 'Create job' }).click();
    await see('.findings li', 'line ');
    expect((await call(app, 'GET', '/v1/jobs')).body.items).toEqual([]);
  });

  test('keeps the form and the text in step, with the comments of the text, and posts what both say', async () => {
    const { page, complaints } = dashboard;
    const { app, url } = await startIdle();
    await open(url, '/new');
    await see('.cm-content');
    await write('# mine\nname: first\nobjective:\n  kind: external\n  metric: { name: loss, direction: minimize }\n');
    await see('.job-form .fault', 'fault');
    const field = (path: string) => page.locator(`[data-path="${path}"]`);
    await expect.poll(() => field('name').inputValue()).toBe('first');
    await field('name').fill('second');
    await field('search.trials').fill('3');
    await page.getByLabel('Name to add to space').fill('rate');
    await page.getByRole('button', { name: 'Add to space' }).click();
    await page.getByLabel('space.rate: kind').selectOption('float');
    await field('space.rate.low').fill('2');
    await field('space.rate.high').fill('many');
    // A fault is shown at its field.
    await expect.poll(() => field('space.rate.high').getAttribute('aria-invalid')).toBe('true');
    await field('space.rate.high').fill('1e1');
    await see('[role=status]', 'valid');
    expect(await field('space.rate.high').inputValue()).toBe('1e1');
    expect(await readText()).toMatch(/^# mine\nname: second\n[^]*rate:\n {4}type: float\n {4}low: 2\n {4}high: 10/);
    await page.getByRole('button', { name: 'Create job' }).click();
    await see('h1', 'second');
    const [job] = (await call(app, 'GET', '/v1/jobs?name=second')).body.items;
    const { spec } = (await call(app, 'GET', `/v1/jobs/${job.id}`)).body;
    expect(spec.space).toEqual({ rate: { type: 'float', low: 2, high: 10, scale: 'linear' } });
    expect(complaints).toEqual([]);
  });

  test('completes names and values from the schema, and explains a name under the pointer', async () => {
    const { page, complaints } = dashboard;
    const { url } = await startIdle();
    await open(url, '/new');
    await see('.cm-content');
    await write('name: mine\nobjective:\n  kind: external\nsearch:\n  trials: 5\n');
    await page.keyboard.type('  algo');
    await page.locator('.cm-completionLabel', { hasText: 'algorithm' }).waitFor();
    await page.keyboard.press('Control+Space');
    await page.waitForTimeout(150);
    await page.keyboard.press('Enter');
    await see('.cm-content', 'algorithm:');
    await page.keyboard.type('so');
    await page.locator('.cm-completionLabel', { hasText: 'sobol' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.cm-line', { hasText: 'trials' }).locator('span').first().hover();
    await page.locator('.hover', { hasText: 'Search trials to run' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('never loses a text that was written and not posted', async () => {
    const { page } = dashboard;
    const { url } = await startIdle();
    await open(url, '/new');
    await see('.cm-content', 'two-gaussians');
    await write('name: my-long-work\n');
    await page.getByRole('link', { name: 'Jobs' }).click();
    await see('h1', 'Jobs');
    await page.reload();
    await page.getByRole('link', { name: 'New job' }).first().click();
    await see('.cm-content', 'my-long-work');
    await see('.notice', 'This is the text that you left here');
    await page.getByLabel('Template').selectOption({ label: 'your own program (ask and tell)' });
    await see('.cm-content', 'kind: external');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await see('.cm-content', 'my-long-work');
  });

  test('shows the same request for curl and Python', async () => {
    const { page } = dashboard;
    const { url } = await startIdle();
    await open(url, '/new');
    await see('[role=status]', 'valid');
    await page.locator('summary', { hasText: 'curl and Python' }).click();
    await see('pre', `curl ${url}/v1/jobs`);
    await see('pre', 'client.create_job({');
  });

  test('copies and posts a job over plain HTTP from another machine', async () => {
    const { page } = dashboard;
    const { app, url } = await startIdle();
    const id = await create(app, externalJob);
    await open(url.replace('127.0.0.1', LAN_NAME), `/jobs/${id}`);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await page.getByRole('button', { name: 'Copy as new job' }).click();
    await see('.cm-content', 'name: forest');
    await page.getByRole('button', { name: 'Create job' }).click();
    await page.waitForURL((url) => url.hash.startsWith('#/jobs/job_') && !url.hash.includes(id));
  });
});
