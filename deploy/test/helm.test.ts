import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { envSchema as apiEnv, readEnv as readApiEnv } from '../../apps/api/src/env.ts';
import { envSchema as coordinatorEnv, readEnv as readCoordinatorEnv } from '../../apps/coordinator/src/env.ts';
import { envSchema as workerEnv, readEnv as readWorkerEnv } from '../../apps/worker/src/env.ts';
import { findHelm, findPodTemplate, listContainers, renderChart, selectsLabels, type Manifest } from './helm.ts';
import { checkManifest } from './kubernetes-schema.ts';
import { listAncestors, parseStages } from './stages.ts';

const readRoot = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const stages = parseStages(readRoot('Dockerfile'));
const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];

const minimal = {
  redis: { host: 'redis.example.com' },
  networkPolicy: { redis: [{ ipBlock: { cidr: '192.0.2.10/32' } }] },
};
const pools = ['wasm', 'tensorflow', 'gpu', 'webgpu'];
const full = {
  ...minimal,
  image: { registry: 'registry.example.com/team', pullSecrets: [{ name: 'pull' }] },
  api: {
    webhookSecret: 'hook',
    ingress: {
      enabled: true,
      className: 'nginx',
      host: 'search.example.com',
      tlsSecret: 'tls',
      annotations: { a: 'b' },
    },
    extraEnv: { GRADSMITH_REQUESTS_PER_MINUTE: 900 },
    nodeSelector: { zone: 'a' },
  },
  coordinator: {
    extraEnv: { GRADSMITH_KEEP_JOBS: '90d', GRADSMITH_ARCHIVE: '/archive' },
    extraVolumes: [{ name: 'archive', persistentVolumeClaim: { claimName: 'archive' } }],
    extraVolumeMounts: [{ name: 'archive', mountPath: '/archive' }],
  },
  data: { sets: ['mnist', 'cifar10'], storageClass: 'shared', extraEnv: { HTTPS_PROXY: 'http://proxy.example.com' } },
  workers: {
    ...Object.fromEntries(
      pools.map((name) => [name, { enabled: true, priorityClassName: 'preemptible', supplementalGroups: [104] }]),
    ),
    modules: {
      enabled: true,
      image: 'worker-wasm',
      slots: 2,
      replicas: 1,
      scaling: { minReplicas: 1, maxReplicas: 2, backend: 'module', device: 'any' },
      env: { GRADSMITH_MODULES: '/modules' },
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '9Gi' } },
      extraVolumes: [{ name: 'modules', configMap: { name: 'modules' } }],
      extraVolumeMounts: [{ name: 'modules', mountPath: '/modules', readOnly: true }],
    },
  },
  keda: { enabled: true },
  monitoring: { enabled: true, keySecret: 'metrics-key', labels: { release: 'prometheus' } },
  networkPolicy: {
    ...minimal.networkPolicy,
    apiFrom: from,
    metricsFrom: from,
    extraEgress: [{ to: from, ports: [{ port: 4318, protocol: 'TCP' }] }],
  },
};
const open = { ...minimal, api: { auth: 'open-behind-proxy' }, checkpoints: { enabled: false }, data: { sets: [] } };

const helm = await findHelm();

describe.skipIf(!helm)('Helm chart', () => {
  const charts: Record<string, Manifest[]> = {};

  beforeAll(async () => {
    for (const [name, values] of Object.entries({ minimal, full, open }))
      charts[name] = await renderChart(helm!, values);
  });
  afterEach(() => vi.unstubAllEnvs());

  const find = (chart: string, kind: string, name: string): Manifest =>
    charts[chart]!.find((each) => each.kind === kind && each.metadata.name === `gs-${name}`)!;
  const listPods = (chart: string) => charts[chart]!.flatMap((each) => findPodTemplate(each) ?? []);

  describe.each(['minimal', 'full', 'open'])('with %s values', (chart) => {
    test('matches the schemas of Kubernetes 1.36, KEDA and the Prometheus operator', () => {
      for (const manifest of charts[chart]!)
        expect({ name: manifest.metadata.name, wrong: checkManifest(manifest) }).toMatchObject({ wrong: [] });
    });

    test('has each object once', () => {
      const names = charts[chart]!.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(names.length).toBeGreaterThan(8);
      expect(new Set(names).size).toBe(names.length);
    });

    test('confines every pod and container', () => {
      for (const { spec } of listPods(chart)) {
        expect(spec).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
        });
        expect(spec).not.toHaveProperty('hostNetwork');
        expect(JSON.stringify(spec)).not.toMatch(/hostPath|privileged":true|hostPID/);
      }
      for (const container of charts[chart]!.flatMap(listContainers)) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    });

    test('runs as the user of the images, and only images of the Dockerfile in the version of the chart', () => {
      const version = (parse(readRoot('package.json')) as { version: string }).version;
      for (const { image } of charts[chart]!.flatMap(listContainers)) {
        const [, target, tag] = /^(?:registry\.example\.com\/team\/)?gradsmith-([a-z-]+):(.+)$/.exec(image)!;
        expect(tag).toBe(version);
        const instructions = listAncestors(stages, target!).flatMap((stage) => stage.instructions);
        expect(instructions.findLast(({ keyword }) => keyword === 'USER')?.text).toBe('10001:10001');
      }
    });

    test('has selectors that select its own pods, and each pod by one workload', () => {
      const labels = listPods(chart).map(({ metadata }) => metadata.labels);
      const count = (selector: unknown): number => labels.filter((each) => selectsLabels(selector, each)).length;
      for (const { kind, metadata, spec } of charts[chart]!) {
        if (kind === 'Deployment') expect({ [metadata.name]: count(spec.selector) }).toEqual({ [metadata.name]: 1 });
        if (kind === 'Service') expect(count({ matchLabels: spec.selector })).toBe(1);
        if (kind === 'PodDisruptionBudget') expect(count(spec.selector)).toBe(1);
        if (kind === 'NetworkPolicy') expect(count(spec.podSelector)).toBeGreaterThan(0);
        if (kind === 'PodMonitor') expect(count(spec.selector)).toBeGreaterThan(0);
        if (kind === 'ServiceMonitor')
          expect(selectsLabels(spec.selector, find(chart, 'Service', 'api').metadata.labels)).toBe(true);
        if (kind === 'ScaledObject')
          expect(find(chart, 'Deployment', spec.scaleTargetRef.name.slice(3)).spec).not.toHaveProperty('replicas');
      }
    });

    test('sets only variables that the program reads, to values that it accepts', () => {
      const programs = { api: readApiEnv, coordinator: readCoordinatorEnv, worker: readWorkerEnv };
      const schemas = { api: apiEnv, coordinator: coordinatorEnv, worker: workerEnv };
      for (const container of charts[chart]!.flatMap(listContainers)) {
        const program = container.name as keyof typeof programs;
        if (!programs[program]) continue;
        for (const { name, value } of container.env!) {
          expect(Object.keys(schemas[program].shape)).toContain(name);
          vi.stubEnv(name, value);
        }
        expect(programs[program]()).toMatchObject({ LOG_LEVEL: 'info' });
        vi.unstubAllEnvs();
      }
    });

    test('mounts every volume that it has, and the files that variables name', () => {
      for (const manifest of charts[chart]!) {
        const volumes: string[] = (findPodTemplate(manifest)?.spec.volumes ?? []).map(
          ({ name }: { name: string }) => name,
        );
        const mounts = listContainers(manifest).flatMap(({ volumeMounts }) => volumeMounts);
        expect(new Set(mounts.map(({ name }) => name))).toEqual(new Set(volumes));
        for (const { env = [], volumeMounts } of listContainers(manifest)) {
          for (const { name, value } of env.filter((each) => /_FILE$|CHECKPOINTS$|MODULES$|ARCHIVE$/.test(each.name)))
            expect({ name, isMounted: volumeMounts.some(({ mountPath }) => value.startsWith(mountPath)) }).toEqual({
              name,
              isMounted: true,
            });
        }
      }
    });
  });

  test('gives every pool a Deployment, and GPUs to those that need them', () => {
    for (const pool of [...pools, 'modules']) expect(find('full', 'Deployment', `worker-${pool}`)).toBeDefined();
    const [gpu] = listContainers(find('full', 'Deployment', 'worker-gpu')).slice(-1);
    expect(gpu!.resources.limits).toMatchObject({ 'nvidia.com/gpu': 1 });
    expect(gpu!.env).toContainEqual({ name: 'GRADSMITH_GPU', value: 'lease' });
    expect(charts.minimal!.filter(({ metadata }) => metadata.name.startsWith('gs-worker-'))).toHaveLength(1);
  });

  test('waits longer for a pod to end than its program takes', () => {
    for (const name of ['api', 'coordinator', 'worker-wasm']) {
      const { spec } = findPodTemplate(find('full', 'Deployment', name))!;
      const source = readRoot(`apps/${name.split('-')[0]}/src/main.ts`);
      const shutdown = Number(/SHUTDOWN_MS = ([\d_]+)/.exec(source)![1]!.replaceAll('_', '')) / 1_000;
      const sleep = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(shutdown + sleep + 5);
    }
  });

  test('probes the port and the file that the images have', () => {
    const api = listContainers(find('minimal', 'Deployment', 'api'))[0]!;
    const instructions = listAncestors(stages, 'api').flatMap((stage) => stage.instructions);
    expect(instructions).toContainEqual({ keyword: 'EXPOSE', text: String(api.ports![0]!.containerPort) });
    expect(api).toMatchObject({
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    });
    for (const name of ['coordinator', 'worker-wasm']) {
      const container = listContainers(find('minimal', 'Deployment', name)).at(-1)!;
      const target = /gradsmith-([a-z-]+):/.exec(container.image)![1]!;
      const env = listAncestors(stages, target).flatMap((stage) => stage.instructions);
      expect(
        env.some(({ keyword, text }) => keyword === 'ENV' && text.includes('GRADSMITH_ALIVE_FILE=/tmp/alive')),
      ).toBe(true);
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
        expect(container[probe].exec.command.join(' ')).toContain('/tmp/alive');
      const port = container.ports!.find((each) => each.name === 'metrics')!.containerPort;
      expect(container.env).toContainEqual({ name: 'GRADSMITH_METRICS_PORT', value: String(port) });
    }
  });

  test('scales by a metric that the API has, per slot', () => {
    for (const pool of [...pools, 'modules']) {
      const { spec } = find('full', 'ScaledObject', `worker-${pool}`);
      const { query, threshold } = spec.triggers[0].metadata;
      for (const [metric] of query.matchAll(/gradsmith_\w+/g))
        expect(readRoot('apps/api/src/admin/metrics.ts')).toContain(`'${metric}'`);
      expect(query).toMatch(/\{namespace="search",backend=~"[a-z|]+",device=~"[a-z|]+",labels=~""\}/);
      const worker = listContainers(find('full', 'Deployment', `worker-${pool}`)).at(-1)!;
      expect(worker.env).toContainEqual({ name: 'GRADSMITH_SLOTS', value: threshold });
    }
  });

  test('lets workers and coordinators reach Redis only, and only the data job and webhooks the internet', () => {
    const allowed = (chart: string, component: string): string[] => {
      const { labels } = listPods(chart).find(
        ({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component,
      )!.metadata;
      return charts[chart]!.filter(
        ({ kind, spec }) => kind === 'NetworkPolicy' && selectsLabels(spec.podSelector, labels),
      )
        .map(({ metadata }) => metadata.name.slice(3))
        .sort();
    };
    expect(allowed('full', 'worker')).toEqual(['default', 'metrics', 'redis']);
    expect(allowed('full', 'coordinator')).toEqual(['default', 'metrics', 'redis']);
    expect(allowed('full', 'data')).toEqual(['default', 'internet']);
    expect(allowed('full', 'api')).toEqual(['api', 'default', 'internet', 'metrics', 'redis']);
    expect(allowed('minimal', 'api')).toEqual(['default', 'redis']);
    expect(find('minimal', 'NetworkPolicy', 'default').spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const redis = find('minimal', 'NetworkPolicy', 'redis').spec.egress;
    expect(redis).toEqual([{ to: minimal.networkPolicy.redis, ports: [{ port: 6379, protocol: 'TCP' }] }]);
  });

  test('gives workers a separate user and Secret, with the names of deploy/ledger', () => {
    const describe = (name: string) => {
      const manifest = find('minimal', 'Deployment', name);
      const { volumes } = findPodTemplate(manifest)!.spec;
      const { env } = listContainers(manifest).at(-1)!;
      return {
        user: /\/\/([a-z-]+)@/.exec(env!.find((each) => each.name === 'REDIS_URL')!.value)![1]!,
        secret: volumes.find((volume: { name: string }) => volume.name === 'redis-secret').secret.secretName,
      };
    };
    expect(describe('worker-wasm')).toEqual({ user: 'gradsmith-worker', secret: 'gradsmith-redis-worker' });
    for (const name of ['api', 'coordinator'])
      expect(describe(name)).toEqual({ user: 'gradsmith', secret: 'gradsmith-redis-service' });
    for (const user of ['gradsmith', 'gradsmith-worker'])
      expect(readRoot('deploy/ledger/ledger-secrets')).toContain(`\nuser ${user} on `);
  });

  test('renders the values that docs/kubernetes.md shows', async () => {
    const blocks = [...readRoot('docs/kubernetes.md').matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block!);
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const values = parse(block) as { networkPolicy?: object };
      const networkPolicy = { ...minimal.networkPolicy, ...values.networkPolicy };
      const manifests = await renderChart(helm!, { ...minimal, ...values, networkPolicy });
      expect(manifests.flatMap(checkManifest)).toEqual([]);
    }
  });

  test.each([
    ['no Redis', {}, 'redis.host is required'],
    ['no place of Redis', { redis: { host: 'r' } }, 'networkPolicy.redis is required'],
    ['metrics without a key', { ...minimal, monitoring: { enabled: true } }, 'monitoring.keySecret is required'],
    ['an unknown value', { ...minimal, coordinators: 3 }, "additional properties 'coordinators' not allowed"],
    ['an image that is not made', { ...minimal, workers: { wasm: { image: 'worker-cuda' } } }, 'worker-wasm'],
  ])('refuses %s', async (_, values, message) => {
    await expect(renderChart(helm!, values)).rejects.toThrow(message);
  });

  test('finds a wrong field, a wrong type, a missing field and an unknown kind', () => {
    const deployment = find('full', 'Deployment', 'worker-gpu');
    const mutate = (change: (copy: Manifest) => void): string[] => {
      const copy = structuredClone(deployment);
      change(copy);
      return checkManifest(copy);
    };
    expect(mutate(() => {})).toEqual([]);
    expect(mutate(({ spec }) => (spec.template.spec.containers[0].imagee = 'x'))).toEqual([
      '/spec/template/spec/containers/0/imagee: not a field',
    ]);
    expect(mutate(({ spec }) => (spec.replicaCount = 2))).toEqual(['/spec/replicaCount: not a field']);
    expect(mutate(({ spec }) => (spec.replicas = 'two'))).toEqual(['data/spec/replicas must be integer']);
    expect(mutate(({ spec }) => delete spec.template.spec.containers[0].name)[0]).toContain(
      'must have required property',
    );
    expect(mutate((copy) => (copy.apiVersion = 'extensions/v1beta1'))).toEqual([
      'extensions/v1beta1 Deployment: no schema',
    ]);
  });
});
