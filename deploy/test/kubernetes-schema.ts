// The schemas of Kubernetes 1.36, KEDA and the Prometheus operator, compiled in the packages of kubernetes-models.
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { PodMonitor, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import type { Manifest } from './helm.ts';

const models: readonly { apiVersion: string; kind: string; prototype: { validate(): void } }[] = [
  Deployment,
  Ingress,
  Job,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PodMonitor,
  ScaledObject,
  Service,
  ServiceMonitor,
];

/** Returns what is wrong with a manifest by the schema of its kind, including fields that the schema does not have. */
export function checkManifest(manifest: Manifest): string[] {
  const model = models.find(({ apiVersion, kind }) => apiVersion === manifest.apiVersion && kind === manifest.kind);
  if (!model) return [`${manifest.apiVersion} ${manifest.kind}: no schema`];
  const read = new Set<string>();
  const errors = listErrors(() => model.prototype.validate.call(recordReads(manifest, '', read)));
  const unknown = listPaths(manifest, '').filter((path) => !read.has(path));
  return [...errors, ...unknown.map((path) => `${path}: not a field`)];
}

function listErrors(validate: () => void): string[] {
  try {
    validate();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

/** Notes the path of each property that is read. The schemas' code reads every field that it knows, and no other. */
function recordReads(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const child: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol') return child;
      read.add(`${path}/${key}`);
      return recordReads(child, `${path}/${key}`, read);
    },
  });
}

/** Lists the paths of all properties below a value; of unknown ones, the children too. */
function listPaths(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${path}/${key}`, ...listPaths(child, `${path}/${key}`)]);
}
