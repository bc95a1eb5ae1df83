/**
 * Descriptor of the pipe between parent and watchdog, after the standard streams and IPC. A separate file: the thread
 * that needs it must load nothing else.
 */
export const WATCHDOG_FD = 4;
