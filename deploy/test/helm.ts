import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';

const run = promisify(execFile);
const deploy = new URL('..', import.meta.url).pathname;

/** Any part of a manifest, untyped: the schemas check it. */
type Part = ReturnType<typeof JSON.parse>;

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  spec: Record<string, Part>;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value: string }[];
  ports?: { name: string; containerPort: number }[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext: Record<string, unknown>;
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
  [probe: string]: Part;
}

/** Returns the path of Helm; null with the reason on standard error if there is none and none can be fetched. */
export async function findHelm(): Promise<string | null> {
  try {
    const { stdout } = await run(`${deploy}fetch-helm`, { encoding: 'utf8', timeout: 50_000 });
    return stdout.trim();
  } catch (error) {
    if (process.env.GRADSMITH_TEST_HELM === 'required') throw error;
    console.warn(`the chart is not tested: ${(error as ExecFileException).message}`);
    return null;
  }
}

/** Renders the chart as `helm install gs --namespace search` does. @throws Error with Helm's message */
export async function renderChart(helm: string, values: object): Promise<Manifest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-helm-'));
  try {
    writeFileSync(join(folder, 'values.yaml'), stringify(values));
    const flags = ['--namespace', 'search', '--kube-version', '1.36.0', '--values', join(folder, 'values.yaml')];
    const { stdout } = await run(helm, ['template', 'gs', `${deploy}helm`, ...flags], {
      // Plug-ins and repositories of this user have no say.
      env: { PATH: process.env.PATH, HOME: folder },
      maxBuffer: 16 * 1024 * 1024,
    });
    const documents = parseAllDocuments(stdout);
    for (const { errors } of documents) if (errors.length) throw errors[0]!;
    return documents.map((document) => document.toJS() as Manifest).filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The pod template of a Deployment or Job; null for other kinds. */
export function findPodTemplate({ spec }: Manifest): { metadata: Manifest['metadata']; spec: Part } | null {
  return spec.template?.spec ? spec.template : null;
}

export function listContainers(manifest: Manifest): Container[] {
  const pod = findPodTemplate(manifest)?.spec;
  return pod ? [...(pod.initContainers ?? []), ...pod.containers] : [];
}

/** Returns whether a label selector of Kubernetes selects these labels. */
export function selectsLabels(selector: Part, labels: Record<string, string>): boolean {
  const expressions: { key: string; operator: string; values: string[] }[] = selector.matchExpressions ?? [];
  if (expressions.some(({ operator }) => operator !== 'In')) throw new Error('only the operator In is known here');
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
