/** Returns the name of a metric for people. */
export function formatMetricName(metric: string): string {
  return metric === 'aulc' ? 'AULC' : metric;
}
