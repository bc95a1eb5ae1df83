/** The keys of what the page has read. A shorter key is a prefix that stands for all under it. */
export const keys = {
  jobs: ['jobs'] as const,
  workers: ['workers'] as const,
  job: (id: string) => ['job', id] as const,
  spec: (id: string) => ['job', id, 'spec'] as const,
  status: (id: string) => ['job', id, 'status'] as const,
  rows: (id: string) => ['job', id, 'rows'] as const,
  running: (id: string) => ['job', id, 'running'] as const,
  importance: (id: string, phase: string) => ['job', id, 'importance', phase] as const,
  model: (id: string, phase: string, pair: string) => ['job', id, 'model', phase, pair] as const,
  curves: (id: string, trials: string) => ['job', id, 'curves', trials] as const,
  trial: (id: string, trial: string) => ['job', id, 'trial', trial] as const,
};
