/** Why a backend does not start. */
export type UnavailableReason = 'not-installed' | 'no-adapter' | 'no-gpu' | 'crashes';

/** A backend that cannot start here as asked; its message names the remedy. No other backend is ever taken in its place. */
export class BackendUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendUnavailable';
    this.reason = reason;
  }
}
