import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const base = process.env.BASE ?? 'http://127.0.0.1:8099';
const jobs = await (await fetch(`${base}/v1/jobs`)).json();
const find = (n: string) => jobs.items.find((j: { name: string }) => j.name === n)?.id;
const [ext, ext2, tr, slow, slowT] = ['forest', 'forest-random', 'gaussians', 'slow-forest', 'slow-training'].map(find);
const pages: Record<string, string> = {
  jobs: '#/',
  ext: `#/jobs/${ext}`,
  extfig: `#/jobs/${ext}/figures`,
  exttrials: `#/jobs/${ext}/trials`,
  settings: `#/jobs/${ext}/settings`,
  trial: `#/jobs/${ext}/trials/3`,
  train: `#/jobs/${tr}`,
  trainfig: `#/jobs/${tr}/figures`,
  traintrial: `#/jobs/${tr}/trials/2`,
  workers: '#/workers',
  new: '#/new',
  compare: `#/compare?jobs=${ext},${ext2}`,
  slow: `#/jobs/${slow}`,
  slowT: `#/jobs/${slowT}`,
  unknown: '#/jobs/job_00000000000000000000',
};
const only = process.argv[2]?.split(',');
const variants = (process.argv[3] ?? 'light1400,dark1400,light390,dark390').split(',');
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const v of variants) {
  const scheme = v.startsWith('dark') ? 'dark' : 'light';
  const width = Number(v.replace(/\D/g, ''));
  const ctx = await b.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP: true });
  const page = await ctx.newPage();
  page.on('console', (m) => {
    if (m.type() === 'error') console.log('CONSOLE', m.text());
  });
  page.on('pageerror', (e) => console.log('PAGEERROR', e.message));
  for (const [name, hash] of Object.entries(pages)) {
    if (only && only[0] !== 'all' && !only.includes(name)) continue;
    await page.goto('about:blank');
    await page.goto(`${base}/${hash}`);
    await page.waitForTimeout(name.startsWith('slow') ? 9000 : 1500);
    await page.screenshot({ path: `/tmp/shots/${name}-${v}.png`, fullPage: true });
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    await page.evaluate(axe);
    const r = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    console.log(
      name,
      v,
      'over',
      over,
      r.violations
        .map(
          (x) =>
            `${x.id}: ${x.nodes
              .map((n) => n.html.slice(0, 140) + ' | ' + n.failureSummary.split('\n')[1])
              .slice(0, 3)
              .join(' ;; ')}`,
        )
        .join('\n   '),
    );
  }
  await ctx.close();
}
await b.close();
