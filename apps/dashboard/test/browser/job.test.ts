import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { call, externalJob, validJob } from '../../../api/test/support.ts';
import { startTraining, train } from '../../../api/test/train.ts';
import { create, work } from '../../../api/test/work.ts';
import { countRequests, TIMEOUT_MS, useDashboard } from './use-dashboard.ts';

describe('the page of a job', { timeout: TIMEOUT_MS }, () => {
  const dashboard = useDashboard();
  const { open, see, start, startIdle } = dashboard;

  test('shows the verdict, the figures and every trial, and a trial opens', async () => {
    const { page, complaints } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth, share }) => depth! * share!);
    await open(url, `/jobs/${id}`);
    await see('h1', 'forest');
    await see('.verdict', 'The best accuracy was');
    await page.getByRole('tab', { name: 'Figures' }).click();
    // The model is fitted on request, so its figure comes last.
    await see('.figure h2', 'The fitted model over two parameters');
    await see('.figure h2', 'Importance of the parameters');
    expect(await page.locator('.figure h2').allInnerTexts()).toEqual([
      'The search',
      'Reported values by step',
      'Reported values of all trials',
      'Distribution of the values',
      'Attempts by worker',
      'Importance of the parameters',
      'Parallel coordinates',
      'Rank over two parameters',
      'Value by parameter',
      'The fitted model over two parameters',
    ]);
    await page.getByRole('tab', { name: 'Trials' }).click();
    await see('.space > .row');
    expect(await page.locator('.space > .row').count()).toBe(6);
    await page.locator('.space a', { hasText: /^3$/ }).click();
    await see('h1', 'Trial 3');
    await see('.facts', 'criterion');
    await see('.attempts tbody', 'reported');
    await page.getByRole('link', { name: 'Trial 4 →' }).click();
    await see('h1', 'Trial 4');
    expect(page.url()).toContain(`#/jobs/${id}/trials/4`);
    expect(complaints).toEqual([]);
  });

  test('says for a job with null hypotheses whether the shape of its b-function is worth anything', async () => {
    const { page } = dashboard;
    const service = await start();
    const confirm = { top: 1, seeds: 3, against: ['backpropagation', 'constant'], budget: 2 };
    const id = await create(service.app, { ...validJob, search: { trials: 2 }, confirm });
    await train(service, id, (trial) => (trial.includes('reference') ? 1 : 0.8 + Number(trial.at(-1)) / 100));
    await open(service.url, `/jobs/${id}`);
    await see('.verdict', 'cannot be distinguished from the best constant');
    // The runtime is a setting, and the headline is for what changes.
    const { runtime } = (await call(service.app, 'GET', `/v1/jobs/${id}/status`)).body;
    expect(runtime).toContain('float32');
    expect(await page.locator('.headline').innerText()).not.toContain(runtime);
    const limits = await page.locator('.notes li').allInnerTexts();
    expect(limits).toContainEqual(expect.stringMatching(/^adam divides by the size of past gradients/));
    await see('.cards', 'Confirmed gain');
    await see('p', 'AULC is the area under the loss curve');
    // Trials that tune a baseline are not listed among those of the search.
    await page.getByRole('tab', { name: 'Trials' }).click();
    await expect.poll(() => page.locator('.space > .row').count()).toBe(2);
    await open(service.url, `/jobs/${id}/trials/reference`);
    await see('h1', 'Reference trial');
  });

  test('says that the reference diverged instead of judging a gain', async () => {
    const { page } = dashboard;
    const service = await start();
    const id = await create(service.app, { ...validJob, search: { trials: 2 }, confirm: { top: 1, seeds: 3 } });
    await train(service, id, (trial) =>
      trial.includes('reference') ? { outcome: 'diverged', value: 2.071 } : { value: 0.2 + Number(trial.at(-1)) / 100 },
    );
    const { referenceDivergence } = (await call(service.app, 'GET', `/v1/jobs/${id}/status`)).body;
    expect(referenceDivergence).toEqual({ value: 2.071, diverged: 3, seeds: 3 });
    await open(service.url, `/jobs/${id}`);
    await see(
      '.verdict',
      'diverged in the search and under 3 of 3 fresh seeds, so the confirmed gain measures the value',
    );
    expect(await page.locator('.verdict').innerText()).not.toContain('no value');
    await see('.cards div', /^Reference2\.071.*diverged$/);
    await see('.cards div', /^Search gain–the reference diverged$/);
    await see('.cards div', /^Confirmed gain\+1\.\d+95 %: .*; the reference diverged under 3 of 3 fresh seeds$/);
    await open(service.url);
    await see('tbody tr', 'reference not complete');
    expect(await page.locator('tbody').innerText()).not.toContain('confirmed');
  });

  test('sorts trials with the best first, filters them, and shows the columns that are chosen', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!);
    await open(url, `/jobs/${id}/trials`);
    await see('.space .row');
    await page.getByRole('button', { name: 'accuracy' }).click();
    const values = async (): Promise<number[]> =>
      (await page.locator('.space > .row > span:nth-child(3)').allInnerTexts()).map(Number);
    const align = (at: number): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('.space > .row > span:nth-child(${at})')).textAlign`);
    expect([await align(2), await align(3)]).toEqual(['start', 'right']);
    const sorted = await values();
    expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
    await page.getByRole('button', { name: 'accuracy' }).click();
    await expect.poll(values).toEqual(sorted.toReversed());
    await page.getByLabel('Conditions on trials').fill(`depth >= ${sorted[0]}`);
    const wanted = sorted.filter((value) => value === sorted[0]);
    await expect.poll(values).toEqual(wanted);
    await page.getByLabel('Conditions on trials').fill('nonsense');
    await see('.trials', 'not a condition: nonsense');
    await page.getByLabel('Conditions on trials').fill('');
    await page.getByLabel('State of the trials').selectOption('failed');
    await expect.poll(() => page.locator('.space > .row').count()).toBe(0);
    await see('.trials [role=status]', '0 of 6 trials');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('Worker', { exact: true }).check();
    await page.keyboard.press('Escape');
    await see('[role=columnheader]', 'Worker');
    // A visit to a trial loses none of it.
    await page.getByLabel('State of the trials').selectOption('complete');
    await expect.poll(values).toEqual(sorted.toReversed());
    await page.locator('.space > .row a').first().click();
    await see('h1', 'Trial');
    await page.goBack();
    await expect.poll(values).toEqual(sorted.toReversed());
    await see('[role=columnheader]', 'Worker');
    expect(await page.getByLabel('State of the trials').inputValue()).toBe('complete');
    // An address that makes no sense shows all trials.
    await open(url, `/jobs/${id}/trials?columns=%25&sort=nothing`);
    await expect.poll(() => page.locator('.space > .row').count()).toBe(6);
  });

  test('pauses, resumes and cancels', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await open(url, `/jobs/${id}`);
    for (const [button, state] of [
      ['Pause', 'paused'],
      ['Resume', 'running'],
      ['Cancel', 'cancelled'],
    ] as const) {
      await page.getByRole('button', { name: button, exact: true }).click();
      if (button === 'Cancel') await page.getByRole('button', { name: 'Cancel the job' }).click();
      await see('.badge', state);
      expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.state).toBe(state);
    }
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the job' }).click();
    await see('p', 'No job yet');
  });

  test('shows the last error while the job can still fail, and no longer when it is complete', async () => {
    const { app, url } = await start();
    const id = await create(app, externalJob);
    const attempt = randomUUID();
    const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, { attempt, wait: '2s' });
    const failure = { attempt, reason: 'no space left' };
    await call(app, 'POST', `/v1/jobs/${id}/trials/${body.trial}/fail`, failure);
    await open(url, `/jobs/${id}`);
    await see('.headline .message', `last error, trial ${body.trial}, just now: no space left`);
    await work(app, id, ({ depth }) => depth!);
    await see('.badge', 'completed');
    expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.lastError.reason).toBe('no space left');
    expect(await dashboard.page.locator('.headline .message').count()).toBe(0);
  });

  test('extends a finished job, and shows its new trials', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!);
    await open(url, `/jobs/${id}/trials`);
    await page.getByLabel('New total budget').fill('8');
    await page.getByRole('button', { name: 'Extend' }).click();
    await see('.badge', 'running');
    await work(app, id, ({ depth }) => depth!);
    await see('.badge', 'completed');
    await expect.poll(() => page.locator('.space > .row').count()).toBe(8);
  });

  test('says in the settings of an external job that programs run its trials', async () => {
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!);
    await open(url, `/jobs/${id}/settings`);
    await see('.facts', 'your programs run the trials');
    expect(await dashboard.page.locator('.facts').innerText()).not.toContain('when the first trial starts');
  });

  test('changes its name, labels and notes, and keeps markup in notes as text', async () => {
    const { page, complaints } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await open(url, `/jobs/${id}/settings`);
    await page.getByLabel('Name').fill('renamed');
    await page.getByLabel('Labels').fill('team: vision\nReviewer: two');
    await page.getByRole('button', { name: 'Save' }).click();
    await see('.edit', '"Reviewer" must be 1 to 64 lower-case letters');
    expect(await page.getByLabel('Labels').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Labels').fill('team: vision\nbaseline');
    await page.getByLabel('Notes').fill('# Why\n\nWith **two** seeds. <img src=x onerror=alert(1)>');
    await page.getByRole('button', { name: 'Save' }).click();
    await see('h1', 'renamed');
    await see('[role=status]', 'saved');
    expect((await call(app, 'GET', `/v1/jobs/${id}/status`)).body.labels).toEqual({ team: 'vision', baseline: '' });
    await page.getByRole('tab', { name: 'Overview' }).click();
    await see('.job-notes strong', 'two');
    expect(await page.locator('.headline .tag').allInnerTexts()).toEqual(['team: vision', 'baseline']);
    expect(await page.locator('.job-notes img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('shows where the inputs of a b-function lie, its learning rate, and what computed the result', async () => {
    const { page } = dashboard;
    const service = await start();
    const id = await create(service.app, { ...validJob, search: { trials: 1 }, confirm: { top: 0 } });
    const counts = Array.from({ length: 42 }, (_, bin) => bin);
    await train(service, id, () => ({
      value: 0.5,
      metrics: { learningRate: 0.05 },
      preActivations: [{ layer: 'relu2', moments: [{ step: 4, limit: 10, counts }] }],
      provenance: { engine: 6, backend: 'wasm float32' },
    }));
    await open(service.url, `/jobs/${id}/trials/0`);
    await see('h2', 'Computed with');
    await see('dd', 'wasm float32');
    await see('.figure h2', 'b-function of relu2, its learning rate and its inputs');
    const texts = page.locator('.figure svg text');
    await see('.figure svg text', 'inputs after step 4');
    await expect.poll(() => texts.allTextContents()).toContain('β(z) = α·g(z)/relu′(z), α = 0.05');
    await see('.figure p', '5 % of the inputs at the end are below −10 or above 10');
    // The overview of the job has the same figure of its best trial.
    await open(service.url, `/jobs/${id}`);
    await see('.figure h2', 'The best b-function of relu2, its learning rate and its inputs');
  });

  test('invalidates a result, and enqueues a point again', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!, 3);
    await open(url, `/jobs/${id}/trials/1`);
    await page.getByRole('button', { name: 'Run again' }).click();
    await see('.actions [role=status]', 'The point is enqueued');
    await page.getByRole('button', { name: 'Invalidate' }).click();
    await page.getByLabel('Reason').fill('wrong data');
    await page.getByRole('dialog').getByRole('button', { name: 'Invalidate' }).click();
    await see('.badge', 'cancelled');
    await see('.message', 'wrong data');
  });

  test('keeps the error of an action until the next action', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await open(url, `/jobs/${id}`);
    const pause = `**/v1/jobs/${id}/pause`;
    const detail = 'this key may only read';
    await page.route(pause, (route) =>
      route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ detail }) }),
    );
    await page.getByRole('button', { name: 'Pause' }).click();
    await see('#message', detail);
    // Reads that succeed leave it.
    await work(app, id, ({ depth }) => depth!, 2);
    await see('.headline', '2 of 6');
    await see('#message', detail);
    await page.unroute(pause);
    await page.getByRole('button', { name: 'Pause' }).click();
    await see('.badge', 'paused');
    expect(await page.locator('#message').innerText()).toBe('');
  });

  test('follows a job by events: trials that settle are shown, and only they are transferred', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, { ...externalJob, search: { ...externalJob.search, trials: 30 } });
    await work(app, id, ({ depth }) => depth!, 10);
    await open(url, `/jobs/${id}/trials`);
    await see('.space > .row', 'complete');
    const { seen } = countRequests(page, /\/trials\?/);
    await work(app, id, ({ depth }) => depth!, 10);
    await see('.headline', '20 of 30');
    await expect.poll(() => page.locator('.space .badge', { hasText: 'complete' }).count()).toBe(20);
    expect(seen.filter((address) => !address.includes('state=running') && !address.includes('after='))).toEqual([]);
    // Another order starts at its first row.
    const readScroll = (): Promise<number> => page.evaluate("document.querySelector('.grid').scrollTop");
    await page.evaluate("document.querySelector('.grid').scrollTop = 100");
    await expect.poll(readScroll).toBe(100);
    await page.getByRole('button', { name: 'accuracy' }).click();
    await expect.poll(readScroll).toBe(0);
  });

  test('follows a job by polling where no stream of events arrives', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await page.route('**/events**', (route) => route.abort());
    await open(url, `/jobs/${id}/trials`);
    await see('.space > .row');
    await work(app, id, ({ depth }) => depth!);
    await see('.badge', 'completed');
    await expect.poll(() => page.locator('.space .badge', { hasText: 'complete' }).count()).toBe(6);
  });

  test('makes no request for a job that has finished', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await work(app, id, ({ depth }) => depth!);
    await open(url, `/jobs/${id}`);
    await see('.figure', 'The search');
    await page.waitForLoadState('networkidle');
    const { seen } = countRequests(page, /\/v1\//);
    await page.waitForTimeout(3_000);
    expect(seen).toEqual([]);
  });

  test('does not read while it is hidden, and reads at once when it is shown again', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await page.route('**/events**', (route) => route.abort());
    await open(url, `/jobs/${id}`);
    await see('h1', 'forest');
    const setHidden = async (hidden: boolean): Promise<void> =>
      page.evaluate(
        `Object.defineProperty(document, 'visibilityState', {
           configurable: true,
           value: ${hidden ? "'hidden'" : "'visible'"},
         });
         document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`,
      );
    await setHidden(true);
    await page.waitForTimeout(1_000);
    const { seen } = countRequests(page, /\/v1\//);
    await page.waitForTimeout(2_500);
    expect(seen).toEqual([]);
    await setHidden(false);
    await expect.poll(() => seen.length, { timeout: 900 }).toBeGreaterThan(0);
  });

  test('shows the step, the attempt and the worker of a running trial, and its durations grow', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    const attempt = randomUUID();
    const { body } = await call(app, 'POST', `/v1/jobs/${id}/ask`, {
      attempt,
      lease: '1m',
      wait: '2s',
      worker: 'lab-7',
    });
    await open(url, `/jobs/${id}`);
    const row = await see('.running tbody tr', 'lab-7');
    const report = async (step: number, value: number): Promise<unknown> =>
      call(app, 'POST', `/v1/jobs/${id}/trials/${body.trial}/heartbeat`, {
        attempt,
        lease: '1m',
        progress: { step, value },
      });
    await report(1, 0.5);
    await see('.running tbody tr', '0.5');
    await report(2, 0.625);
    await see('.running tbody tr', '0.625');
    await see('.running .sparkline');
    const [took, created] = [await row.innerText(), await page.locator('.pace').innerText()];
    await expect.poll(() => row.innerText()).not.toBe(took);
    await expect.poll(() => page.locator('.pace').innerText()).not.toBe(created);
    // The page of the trial draws what was reported so far, and the trial does not run for longer than it exists.
    await open(url, `/jobs/${id}/trials/${body.trial}`);
    await see('.figure h2', 'Reported values by step');
    await see('.facts dd', / s ago/);
    await see('.running td', /^\d+ s$/);
    const text = "['.facts', '.running'].map((part) => document.querySelector(part).innerText).join()";
    for (let n = 0; n < 4; n++) {
      const shown: string = await page.evaluate(text);
      const [age, ran] = [/\((\d+) s ago\)/, /\t(\d+) s\t/].map((pattern) => Number(pattern.exec(shown)?.[1]));
      expect(ran).toBeLessThanOrEqual(age!);
      await page.waitForTimeout(400);
    }
  });

  test('shows the loss of a running training between its reports, in the table and in the figure', async () => {
    const service = await start();
    const objective = { ...validJob.objective, epochs: 1000 };
    const id = await create(service.app, { ...validJob, objective, search: { trials: 1 }, confirm: { top: 0 } });
    const running = await startTraining(service, id);
    // Of 2,000 steps, the loss is 0.5 in the first 100 and 0.1 in the next 100.
    await running.report(100, (99.5 * 0.5) / 1999);
    await running.report(200, (99.5 * 0.5 + 100 * 0.1) / 1999);
    await open(service.url, `/jobs/${id}/trials/0`);
    await see('.running td', /^200 of 2,000/);
    await see('.running td', /^0\.1\s/);
    await see('.figure p', 'Each point is the mean loss');
    await see('.figure [role=img][aria-label*="from 0.5 to 0.1 in 151 steps"]');
  });

  test('draws where the inputs lie on a page that was opened before the trial was complete', async () => {
    const { page } = dashboard;
    const service = await start();
    const id = await create(service.app, { ...validJob, search: { trials: 1 }, confirm: { top: 0 } });
    const running = await startTraining(service, id);
    await open(service.url, `/jobs/${id}/trials/0`);
    await see('.figure svg text', 'β(z)/α');
    const counts = Array.from({ length: 42 }, (_, bin) => (bin > 10 && bin < 30 ? bin : 0));
    await running.complete({ preActivations: [{ layer: 'relu2', moments: [{ step: 4, limit: 10, counts }] }] });
    const figure = page.locator('.figure', { hasText: 'its learning rate and its inputs' });
    await expect.poll(() => figure.locator('svg text').allTextContents()).toContain('inputs after step 4');
    const live = await figure.locator('svg path').count();
    await page.reload();
    await expect.poll(() => figure.locator('svg text').allTextContents()).toContain('inputs after step 4');
    expect(live).toBe(await figure.locator('svg path').count());
  });

  test('recovers after the service was away', async () => {
    const { page } = dashboard;
    const { app, url } = await start();
    const id = await create(app, externalJob);
    await open(url, `/jobs/${id}`);
    await see('h1', 'forest');
    await page.context().setOffline(true);
    await see('#message', 'the service cannot be reached; trying again in');
    await work(app, id, ({ depth }) => depth!);
    await page.context().setOffline(false);
    await see('.badge', 'completed');
    await expect.poll(() => page.locator('#message').innerText()).toBe('');
    await see('.verdict', 'The best accuracy was');
  });

  test('names the point that was found, and with several objectives the front instead', async () => {
    const { app, url } = await start();
    const single = await create(app, externalJob);
    await work(app, single, ({ depth }) => depth!);
    await open(url, `/jobs/${single}`);
    await see('.best-point', /^Best point: criterion = .*, depth = \d+, share = 0\.\d+$/);
    const objectives = ['accuracy', 'loss'].map((metric) => ({ metric, goal: 'minimize' }));
    const objective = { ...externalJob.objective, metric: { name: 'accuracy', direction: 'minimize' } };
    const several = await create(app, { ...externalJob, objective, objectives });
    await work(app, several, ({ depth }) => depth!);
    await open(url, `/jobs/${several}`);
    await see('.cards div', /^On the Pareto front[1-9]/);
    expect(await dashboard.page.locator('.best-point').count()).toBe(0);
    // Those that others dominate are drawn, too.
    await dashboard.page.locator('[role=img][aria-label*="trials of 6 on"], [aria-label*="trial of 6 on"]').waitFor();
  });

  test('offers the trials of the job in place of one that does not exist', async () => {
    const { app, url } = await startIdle();
    const id = await create(app, externalJob);
    await open(url, `/jobs/${id}/trials/999`);
    await see('h1', 'No such trial');
    await dashboard.page.getByRole('link', { name: 'Show the trials of forest' }).click();
    await see('h1', 'forest');
  });

  test('that does not exist offers the way back, and is not asked for again', async () => {
    const { page } = dashboard;
    const { url } = await startIdle();
    await open(url, '/jobs/job_00000000000000000000');
    await see('h1', 'No such job');
    await see('.message', 'does not exist');
    const { seen } = countRequests(page, /\/v1\/jobs\/job_/);
    await page.waitForTimeout(2_500);
    expect(seen).toEqual([]);
    await page.getByRole('link', { name: 'Show all jobs' }).click();
    await see('h1', 'Jobs');
  });
});
