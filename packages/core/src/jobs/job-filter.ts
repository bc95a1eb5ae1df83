/** A label's key, or key and value with a colon between them. */
export const labelPattern = /^[a-z0-9._-]+(?::|$)/;

/** The start of a job's id, with or without its prefix. */
export const idStartPattern = /^(?:job_)?[0-9a-z]{1,20}$/;

/** Returns the start of an id with its prefix. */
export function completeIdStart(text: string): string {
  return text.startsWith('job_') ? text : `job_${text}`;
}
