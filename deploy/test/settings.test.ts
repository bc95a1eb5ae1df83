import { globSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { readEnv as readApiEnv } from '../../apps/api/src/env.ts';
import { environments, notInCompose } from '../../apps/cli/scripts/settings-docs.ts';
import { readEnv as readCoordinatorEnv } from '../../apps/coordinator/src/env.ts';
import { readEnv as readWorkerEnv } from '../../apps/worker/src/env.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (name: string): string => readFileSync(`${root}/${name}`, 'utf8');
const files = globSync('docker-compose*.yml', { cwd: root });

/** Returns the variables that a Compose file sets in the container of a service. */
function readEnvironment(file: string, service: string): Record<string, string> {
  const { services } = parse(read(file), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  return services[service]?.environment ?? {};
}

test.each([
  ['api', readApiEnv],
  ['coordinator', readCoordinatorEnv],
  ['worker', readWorkerEnv],
] as const)('%s can start with the settings that Compose gives it by default', (service, readEnv) => {
  vi.unstubAllEnvs();
  for (const [name, text] of Object.entries(readEnvironment('docker-compose.yml', service)))
    vi.stubEnv(name, String(text).replace(/\$\{\w+:-([^}]*)\}/g, '$1'));
  try {
    expect(() => readEnv()).not.toThrow();
  } finally {
    vi.unstubAllEnvs();
  }
});

test.each(['api', 'coordinator', 'worker'] as const)(
  'Compose passes on the settings of %s, except for those with a reason',
  (service) => {
    const known = Object.keys(environments[service].shape);
    const passed = files.flatMap((file) => Object.keys(readEnvironment(file, service)));
    const excepted = Object.keys(notInCompose).flatMap((key) =>
      key.startsWith(`${service} `) ? key.split(' ')[1]! : [],
    );
    expect(known.filter((name) => !passed.includes(name)).toSorted()).toEqual(excepted.toSorted());
    expect(passed.filter((name) => !known.includes(name))).toEqual([]);
  },
);

test('docs/settings.md has every variable of the Compose files', () => {
  const page = read('docs/settings.md');
  const names = new Set(files.flatMap((file) => [...read(file).matchAll(/\$\{(\w+)/g)].map(([, name]) => name!)));
  expect(names.size).toBeGreaterThan(20);
  for (const name of names) expect(page).toContain(`\`${name}\``);
  // The other way round, no variable is described that nothing reads.
  const described = page.split('\n## Compose\n')[1]!.split('\nThe Compose files do not pass')[0]!;
  for (const [, name] of described.matchAll(/^\| `(\w+)`/gm)) expect([...names]).toContain(name);
});
