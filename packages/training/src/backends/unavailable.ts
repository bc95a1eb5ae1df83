/** Why a backend does not start. */
export type UnavailableReason = 'not-installed' | 'no-adapter' | 'no-gpu' | 'crashes';

/** The backend cannot start as requested; the message says how to fix it. No other backend ever replaces it. */
export class BackendUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendUnavailable';
    this.reason = reason;
  }
}
