import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { Deployment, runDocker, inspectContainer } from './compose.ts';

const TAG = 'test-old';
const GPU = `gradsmith-worker-tensorflow-gpu:${TAG}-on-cpu`;
const WEBGPU = `gradsmith-worker-webgpu:${TAG}`;
const targets = ['api', 'coordinator', 'worker-wasm', 'data', 'ledger', 'worker-tensorflow', 'worker-webgpu'];

async function runShell(command: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)('bash', ['-c', command], { maxBuffer: 512 * 1024 * 1024 });
}

/** Runs a program in an image as the service does: no network, a read-only disk. Returns output and exit code. */
async function inImage(image: string, ...command: string[]): Promise<{ code: number; output: string }> {
  try {
    return {
      code: 0,
      output: await runDocker(
        'run',
        '--rm',
        '--read-only',
        '--tmpfs',
        '/tmp',
        '--network',
        'none',
        '--entrypoint',
        command[0]!,
        image,
        ...command.slice(1),
      ),
    };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

/** Runs a small job in an image, from its file to its trials. */
async function expectTrials(image: string, backend: string, runtime: string): Promise<void> {
  const job = {
    name: 'in-image',
    objective: {
      kind: 'training',
      backend,
      dataset: { name: 'two-gaussians', train: 200, validation: 100 },
      network: { name: 'mlp' },
      optimizer: { name: 'sgd', learningRate: 0.1 },
      epochs: 2,
      batchSize: 20,
      seed: 1,
      backward: [{ layer: 'relu2', derivative: { kind: 'meta-network', hidden: 1, activation: 'tanh' } }],
    },
    search: { algorithm: 'gp', trials: 2, maxParallelism: 1, initial: 2, seed: 1 },
    confirm: { top: 1, seeds: 2 },
  };
  const { code, output } = await inImage(
    image,
    'sh',
    '-c',
    `cat > /tmp/job.json <<'JOB'\n${JSON.stringify(job)}\nJOB\ngradsmith run /tmp/job.json --data ` +
      `/tmp/ledger --json > /tmp/run.json && tail -n 1 /tmp/run.json && gradsmith trials --data ` +
      `/tmp/ledger --json`,
  );
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(runtime) as string });
  expect(output.match(/"role":"search","number":\d+,"confirms":null,"state":"complete"/g)).toHaveLength(2);
}

beforeAll(async () => {
  await new Deployment(0, {}).command('fetch-wheel', 'cpu');
  for (const target of targets)
    await runDocker('build', '--quiet', '--target', target, '--tag', `gradsmith-${target}:${TAG}`, '.');
}, 1_800_000);

describe.each(targets)('image %s', (target) => {
  const image = `gradsmith-${target}:${TAG}`;

  test('runs as an ordinary user, with labels', async () => {
    expect((await inImage(image, 'id', '-u')).output.trim()).not.toBe('0');
    expect(await inspectContainer(image, '{{index .Config.Labels "org.opencontainers.image.licenses"}}')).toBe(
      'Apache-2.0',
    );
  });

  test('has no secret in its layers, deleted files or build commands', async () => {
    // Every layer of the archive is a tar; `-i` reads them behind each other. What a later layer deleted is still in
    // them.
    const tokens =
      '_authToken=[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36}|' +
      '(^|[^0-9A-Za-z/+])AKIA[0-9A-Z]{16}([^0-9A-Za-z/+]|$)';
    const found = await runShell(
      `docker save ${image} | tar -xO --wildcards '*layer.tar' 'blobs/*' 2>/dev/null | tee >(tar -ti ` +
        `>&2 2>/dev/null) | grep -aoE '${tokens}' | sort -u || true`,
    );
    expect(found.stdout).toBe('');
    const names = found.stderr.split('\n');
    expect(names.length).toBeGreaterThan(1_000);
    const configuration = /(^|\/)(\.npmrc|\.netrc|\.env|\.git-credentials|\.docker\/config\.json)$/;
    const keys = /(^|\/)(id_(rsa|ed25519|ecdsa)|(redis|operator)-password|[^/]*\.key)$/;
    expect(names.filter((name) => configuration.test(name) || keys.test(name))).toEqual([]);
    expect(await runDocker('history', '--no-trunc', '--format', '{{.CreatedBy}}', image)).not.toMatch(
      /password=|token=|secret=/i,
    );
  });

  test.skipIf(target === 'ledger')('contains a bill of materials, and no development files', async () => {
    const { output } = await inImage(image, 'cat', '/app/sbom.cdx.json');
    const { bomFormat, components } = JSON.parse(output) as { bomFormat: string; components: { name: string }[] };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.length).toBeGreaterThan(10);
    const found = await inImage(
      image,
      'sh',
      '-c',
      'ls /app/node_modules/.pnpm; ls /app/packages; command -v gcc python3 pnpm; true',
    );
    expect(found.output).not.toMatch(/^(vitest|testcontainers|typescript|testing|fast-check)\b/m);
    expect(found.output).not.toMatch(/^\//m);
  });
});

test('only the image that downloads data sets has npm', async () => {
  expect((await inImage(`gradsmith-data:${TAG}`, 'npm', '--version')).output).toMatch(/^\d+\.\d+\.\d+\s*$/);
  expect((await inImage(`gradsmith-api:${TAG}`, 'sh', '-c', 'command -v npm npx pnpm || echo none')).output).toBe(
    'none\n',
  );
});

test('the doctor in a worker image names the read-only disks, and accepts them in the service', async () => {
  const doctor = async (...env: string[]): Promise<string> =>
    (await inImage(`gradsmith-worker-wasm:${TAG}`, 'env', ...env, 'gradsmith', 'doctor')).output;
  const alone = await doctor();
  expect(alone).toMatch(
    /✗ Disk, ledger +gradsmith-data cannot be written by this user\n +→ change the permissions of \/app, or choose/,
  );
  expect(alone).toMatch(/✗ Disk, data sets +\/cache cannot be written/);
  expect(alone).toContain('✓ Backend wasm');
  const serving = await doctor('REDIS_URL=redis://127.0.0.1:1');
  expect(serving).toMatch(/· Disk, ledger +gradsmith-data cannot be written .*worker of a service/);
  expect(serving).toMatch(/· Disk, data sets +\/cache cannot be written/);
  expect(serving).toMatch(/✗ Redis/);
});

describe('@tensorflow/tfjs-node-gpu, on the CPU library', () => {
  beforeAll(async () => {
    await runDocker(
      'build',
      '--quiet',
      '--target',
      'worker-tensorflow-gpu',
      '--build-arg',
      'CUDA_IMAGE=debian:bookworm-slim',
      '--build-arg',
      'GPU_LIBRARIES=cpu',
      '--tag',
      GPU,
      '.',
    );
  }, 1_800_000);

  test('trains the trials of a job in its image', async () => {
    await expectTrials(GPU, 'tensorflow', '"runtime":"tensorflow float32 cpu');
    expect((await inImage(GPU, 'cat', '/cache/backends/tensorflow/installation.json')).output).toContain(
      '@tensorflow/tfjs-node-gpu',
    );
  });

  test('trainer and worker report that there is no GPU if one is required', async () => {
    const ask =
      "import { ProcessTrainer } from '/app/packages/training/src/process/index.ts'; " +
      "await new ProcessTrainer({ backend: 'tensorflow', cacheDir: '/cache', gpu: true }).start();";
    const trainer = await inImage(GPU, 'node', '--input-type=module-typescript', '--eval', ask);
    expect(trainer.code).not.toBe(0);
    expect(trainer.output).toContain('A GPU was asked for, but TensorFlow 2.21.0');

    const worker = await inImage(GPU, 'env', 'REDIS_URL=redis://127.0.0.1:1', 'node', 'apps/worker/src/main.ts');
    expect(worker.code).not.toBe(0);
    expect(worker.output).toContain('GRADSMITH_GPU=lease needs a GPU');
  });

  test('its doctor shows what the host lacks', async () => {
    const { code, output } = await inImage(GPU, 'gradsmith', 'doctor');
    expect(code).not.toBe(0);
    expect(output).toMatch(/✗ GPU .*no NVIDIA device/);
    expect(output).toMatch(/✗ CUDA .*libcuda\.so\.1.*libcudnn\.so\.9/);
    expect(output).toContain('docker-compose.gpu.yml');
  });
});

describe('webgpu, on Mesa’s software adapter', () => {
  test('trains the trials of a job in its image, and their record names the software', async () => {
    await expectTrials(WEBGPU, 'webgpu', '"runtime":"webgpu float32 cpu');
    expect((await inImage(WEBGPU, 'gradsmith', 'doctor')).output).toMatch(/Backend webgpu +software adapter llvmpipe/);
  });

  test('reports that there is only software if a GPU is required', async () => {
    const ask =
      "import { ProcessTrainer } from '/app/packages/training/src/process/index.ts'; " +
      "await new ProcessTrainer({ backend: 'webgpu', cacheDir: '/cache', gpu: true }).start();";
    const { code, output } = await inImage(WEBGPU, 'node', '--input-type=module-typescript', '--eval', ask);
    expect(code).not.toBe(0);
    expect(output).toContain('A GPU was asked for, but the only WebGPU adapter is software:llvmpipe');
  });
});
