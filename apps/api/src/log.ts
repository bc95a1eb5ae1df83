import type { LoggerOptions } from 'pino';

/** Returns the options of the log: JSON lines without secrets. */
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
