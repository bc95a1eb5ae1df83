import type { LoggerOptions } from 'pino';

/** An API key, also percent-encoded, wherever a client put it: in the path, in the query or in another text. */
const keyPattern = /gs(?:_|%5f)[a-z0-9-]{1,32}(?:_|%5f)[\w%-]{20,}/gi;

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
    hooks: { streamWrite: (line) => line.replaceAll(keyPattern, 'gs_[redacted]') },
  };
}
