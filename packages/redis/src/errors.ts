import { CorruptRecord, GradsmithError, LedgerUnavailable } from '@gradsmith/core/domain';

/**
 * This Redis must not store a ledger. The message says which setting is wrong and how to correct it. At startup it is a
 * configuration error. Later it counts as an outage: holders of results wait until it is corrected.
 */
export class UnfitRedis extends LedgerUnavailable {
  override readonly code = 'unfit-redis';
}

/**
 * The user of this connection may not run the command, or not on these keys. A worker of a new version has this until
 * the permissions of the ledger are renewed.
 */
export class PermissionDenied extends LedgerUnavailable {}

/** The reply to a command that the user may not run; within a script, Redis 7.0 and later versions have others. */
const denials = /^NOPERM\b|^ERR ACL failure in script\b|^ERR .*\buser executing the script can't (access|run)\b/;

/**
 * Replies that mean that Redis cannot serve or write now: out of memory, a disk error, a replica, still loading, busy
 * with a script, wrong password, or part of a cluster. EXECABORT wraps one of them.
 */
const refusals = new RegExp(
  '^(OOM|MISCONF|READONLY|LOADING|BUSY|NOAUTH|WRONGPASS|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|MOVED|TRYAGAIN|' +
    'EXECABORT|ERR max number of clients)\\b',
);

/** Returns whether Redis replied that it does not run this command, now or later: not permitted, or unknown. */
export function isRefusedCommand(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && !refusals.test(error.message);
}

/**
 * Converts the error of a failed command. Everything except a bug of this package or a damaged key becomes
 * LedgerUnavailable: the command may or may not have run, and the caller can repeat its operation.
 */
export function toLedgerError(error: unknown): Error {
  if (error instanceof GradsmithError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name === 'ReplyError' && denials.test(error.message)) {
    return new PermissionDenied(
      `Redis does not let this user do that (${error.message}); renew the permissions of the ledger`,
      { cause: error },
    );
  }
  if (error.name === 'ReplyError' && !refusals.test(error.message)) {
    return error.message.startsWith('WRONGTYPE')
      ? new CorruptRecord(
          `a key of the ledger holds another type than it should (${error.message}); is the prefix ` +
            `shared with another program?`,
        )
      : error;
  }
  const reason =
    error.name === 'MaxRetriesPerRequestError'
      ? 'the connection broke before the reply came'
      : error.message || error.name;
  return new LedgerUnavailable(`Redis does not serve the ledger now: ${reason}`, { cause: error });
}
