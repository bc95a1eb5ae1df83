/** Series of a service that is well, by name with labels, in promtool's notation: one value each 10 s for two hours. */
const well: Record<string, string> = {
  'up{job="gradsmith-api",instance="api"}': '1x720',
  'gradsmith_ledger_up{instance="api"}': '1x720',
  'gradsmith_ledger_errors_total{instance="api"}': '0x720',
  'gradsmith_http_request_seconds_count{status="200"}': '0+100x720',
  'gradsmith_http_request_seconds_count{status="503"}': '0x720',
  'gradsmith_active_jobs{state="running"}': '2x720',
  'gradsmith_active_jobs{state="queued"}': '0x720',
  'gradsmith_jobs_without_workers{instance="api"}': '0x720',
  'gradsmith_workers{backend="wasm"}': '2x720',
  'gradsmith_worker_slots{state="free"}': '1x720',
  'gradsmith_worker_slots{state="busy"}': '1x720',
  'gradsmith_queue_depth{instance="api"}': '3x720',
  'gradsmith_worker_last_announced_timestamp_seconds{instance="worker"}': '0+10x720',
  'gradsmith_attempts_total{outcome="reported"}': '0+1x720',
  'gradsmith_attempts_total{outcome="failed"}': '0x720',
  'gradsmith_coordinator_last_round_timestamp_seconds{instance="coordinator"}': '0+10x720',
  'gradsmith_suggestion_failures_total{instance="coordinator"}': '0x720',
  'gradsmith_lost_changes_total{instance="coordinator"}': '0x720',
  'gradsmith_suggestion_seconds_bucket{le="2"}': '0+1x720',
  'gradsmith_suggestion_seconds_bucket{le="10"}': '0+1x720',
  'gradsmith_suggestion_seconds_bucket{le="60"}': '0+1x720',
  'gradsmith_suggestion_seconds_bucket{le="+Inf"}': '0+1x720',
};

export interface AlertCase {
  title: string;
  /** What differs from a service that is well; null where a series is absent. */
  series: Record<string, string | null>;
  /** Minutes after the start. */
  at: number;
  /** The only alert that fires then, with its labels, or none. */
  fires: { name: string; labels: Record<string, string>; summary: string } | null;
}

const alert = (
  name: string,
  severity: string,
  summary: string,
  labels: Record<string, string> = {},
): AlertCase['fires'] => ({ name, summary, labels: { severity, ...labels } });
const coordinator = 'gradsmith_coordinator_last_round_timestamp_seconds{instance="coordinator"}';
const unserved = 'gradsmith_jobs_without_workers{instance="api"}';
const failed = 'gradsmith_attempts_total{outcome="failed"}';
const announced = 'gradsmith_worker_last_announced_timestamp_seconds{instance="worker"}';

export const alertCases: AlertCase[] = [
  { title: 'a service that is well', series: {}, at: 110, fires: null },
  {
    title: 'an API that is away',
    series: { 'up{job="gradsmith-api",instance="api"}': '1x30 0x690' },
    at: 8,
    fires: alert('GradsmithApiDown', 'page', 'The API does not answer', { job: 'gradsmith-api', instance: 'api' }),
  },
  {
    title: 'an API that Prometheus does not know',
    series: { 'up{job="gradsmith-api",instance="api"}': null },
    at: 3,
    fires: alert('GradsmithApiDown', 'page', 'The API does not answer', { job: 'gradsmith-api' }),
  },
  {
    title: 'an API that was away for 30 s',
    series: { 'up{job="gradsmith-api",instance="api"}': '1x30 0x2 1x600' },
    at: 6,
    fires: null,
  },
  {
    title: 'a ledger that is away',
    series: { 'gradsmith_ledger_up{instance="api"}': '1x30 0x690' },
    at: 7,
    fires: alert('GradsmithLedgerDown', 'page', 'The API cannot read or write the ledger', { instance: 'api' }),
  },
  {
    title: 'a ledger that fails now and then',
    series: { 'gradsmith_ledger_errors_total{instance="api"}': '0+1x720' },
    at: 10,
    fires: alert('GradsmithLedgerErrors', 'warn', '30 requests of the last 5 minutes found no ledger', {
      instance: 'api',
    }),
  },
  {
    title: 'a coordinator that hangs',
    series: { [coordinator]: '0+10x30 300x690' },
    at: 8,
    fires: alert('GradsmithCoordinatorStalled', 'page', 'No coordinator has gone through the jobs for a minute'),
  },
  {
    title: 'no coordinator',
    series: { [coordinator]: null },
    at: 3,
    fires: alert('GradsmithCoordinatorStalled', 'page', 'No coordinator has gone through the jobs for a minute'),
  },
  {
    title: 'two coordinators of which one hangs',
    series: { 'gradsmith_coordinator_last_round_timestamp_seconds{instance="other"}': '0x720' },
    at: 30,
    fires: null,
  },
  {
    title: 'jobs without workers',
    series: { 'gradsmith_workers{backend="wasm"}': null, [unserved]: '2x720' },
    at: 5,
    fires: alert('GradsmithNoWorkers', 'page', 'No live worker can run the trials of 2 waiting job(s)'),
  },
  {
    title: 'workers of whom none is left',
    series: { 'gradsmith_workers{backend="wasm"}': '2x30 0x690', [unserved]: '0x30 2x690' },
    at: 9,
    fires: alert('GradsmithNoWorkers', 'page', 'No live worker can run the trials of 2 waiting job(s)'),
  },
  {
    title: 'a job for workers of another kind than those that live',
    series: { [unserved]: '0x30 1x690' },
    at: 9,
    fires: alert('GradsmithNoWorkers', 'page', 'No live worker can run the trials of 1 waiting job(s)'),
  },
  { title: 'workers that restart within a minute', series: { [unserved]: '0x30 2x6 0x680' }, at: 7, fires: null },
  {
    title: 'jobs of external programs, and no workers',
    series: { 'gradsmith_workers{backend="wasm"}': null },
    at: 30,
    fires: null,
  },
  {
    title: 'neither jobs nor workers',
    series: { 'gradsmith_workers{backend="wasm"}': null, 'gradsmith_active_jobs{state="running"}': '0x720' },
    at: 30,
    fires: null,
  },
  {
    title: 'a worker that does not reach the ledger',
    series: { [announced]: '0+10x30 300x690' },
    at: 8,
    fires: alert('GradsmithWorkerSilent', 'warn', 'Worker worker runs but does not reach the ledger', {
      instance: 'worker',
    }),
  },
  {
    title: 'attempts of which a third fails',
    series: { [failed]: '0+0.5x720' },
    at: 30,
    fires: alert('GradsmithAttemptsFail', 'warn', 'More than a fifth of the attempts of the last 15 minutes failed'),
  },
  { title: 'attempts of which a twentieth fails', series: { [failed]: '0+0.05x720' }, at: 30, fires: null },
  {
    title: 'a single attempt, which failed',
    series: { [failed]: '0x30 1x690', 'gradsmith_attempts_total{outcome="reported"}': '0x720' },
    at: 12,
    fires: null,
  },
  {
    title: 'a failover that lost changes',
    series: { 'gradsmith_lost_changes_total{instance="coordinator"}': '0x30 3x690' },
    at: 8,
    fires: alert('GradsmithChangesLost', 'page', 'The ledger went back and has lost acknowledged changes of jobs', {
      instance: 'coordinator',
    }),
  },
  {
    title: 'an optimizer that threw',
    series: { 'gradsmith_suggestion_failures_total{instance="coordinator"}': '0x30 1x690' },
    at: 8,
    fires: alert(
      'GradsmithSuggestionsFail',
      'warn',
      'Suggestions could not be computed; random points replace them, or their jobs failed',
      { instance: 'coordinator' },
    ),
  },
  {
    title: 'suggestions of which a seventh takes over 10 s',
    series: {
      'gradsmith_suggestion_seconds_bucket{le="2"}': '0+0.8x720',
      'gradsmith_suggestion_seconds_bucket{le="10"}': '0+0.85x720',
    },
    at: 35,
    fires: alert('GradsmithSuggestionsSlow', 'warn', 'One suggestion in ten takes longer than 10 s'),
  },
  {
    title: 'suggestions of which a twentieth takes over 10 s',
    series: {
      'gradsmith_suggestion_seconds_bucket{le="2"}': '0+0.8x720',
      'gradsmith_suggestion_seconds_bucket{le="10"}': '0+0.95x720',
    },
    at: 35,
    fires: null,
  },
  {
    title: 'trials that wait with every slot taken',
    series: { 'gradsmith_worker_slots{state="free"}': '0x720' },
    at: 65,
    fires: alert('GradsmithQueueWaits', 'info', '3 trials have waited for a slot for an hour', { instance: 'api' }),
  },
  {
    title: 'answers of which a tenth is an error',
    series: { 'gradsmith_http_request_seconds_count{status="503"}': '0+11x720' },
    at: 15,
    fires: alert('GradsmithApiErrors', 'warn', 'More than one request in twenty is answered with a server error'),
  },
  {
    title: 'answers of which a fiftieth is an error',
    series: { 'gradsmith_http_request_seconds_count{status="503"}': '0+2x720' },
    at: 15,
    fires: null,
  },
];

/** The cases as a file for `promtool test rules`: in each, every alert named is asked whether it fires. */
export function promtoolTests(ruleFile: string, names: readonly string[]): object {
  const tests = alertCases.map(({ title, series, at, fires }) => ({
    name: title,
    interval: '10s',
    input_series: Object.entries({ ...well, ...series })
      .filter(([, values]) => values !== null)
      .map(([name, values]) => ({ series: name, values })),
    alert_rule_test: names.map((name) => ({
      eval_time: `${at}m`,
      alertname: name,
      exp_alerts:
        fires?.name === name ? [{ exp_labels: fires.labels, exp_annotations: { summary: fires.summary } }] : [],
    })),
  }));
  return { rule_files: [ruleFile], evaluation_interval: '10s', tests };
}
