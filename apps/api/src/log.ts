import type { LoggerOptions } from 'pino';

/** How the service logs: JSON lines, without what must not be in a log. */
export function logOptions(level: string): LoggerOptions {
  const secrets = ['authorization', 'cookie', 'webhook-signature'];
  const places = ['req.headers', 'headers', 'request.headers', 'err.headers', 'err.config.headers'];
  return {
    name: 'api',
    level,
    redact: {
      paths: places.flatMap((place) => secrets.map((secret) => `${place}["${secret}"]`)),
      censor: '[redacted]',
    },
  };
}
