import { chromium } from 'playwright-core';
const base = 'http://127.0.0.1:8099';
const jobs = await (await fetch(`${base}/v1/jobs`)).json();
const id = jobs.items.find((j: { name: string }) => j.name === 'forest').id;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await b.newPage();
page.on('console', (m) => console.log('CONSOLE', m.type(), m.text()));
page.on('pageerror', (e) => console.log('PAGEERROR', e.stack));
await page.goto(`${base}/#/jobs/${id}/trials`);
await page.waitForTimeout(3000);
console.log(
  await page
    .locator('main')
    .innerText()
    .then((t) => t.slice(0, 300)),
);
await page.getByRole('button', { name: 'accuracy' }).click();
await page.waitForTimeout(1000);
console.log(
  'AFTER',
  await page
    .locator('body')
    .innerText()
    .then((t) => t.slice(0, 600)),
);
await page.goto(`${base}/#/jobs/${id}/trials`);
await page.reload();
await page.waitForTimeout(2000);
await page.locator('.space a').first().click();
await page.waitForTimeout(1500);
console.log(
  'TRIAL',
  await page
    .locator('body')
    .innerText()
    .then((t) => t.slice(0, 600)),
);
await b.close();
