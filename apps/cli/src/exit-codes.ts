/** Exit codes of the command. Scripts rely on them: a code keeps its meaning, and a new meaning gets a new code. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unavailable: 4,
  refused: 5,
  fault: 70,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'the job failed or was cancelled, or a check found something wrong',
  2: 'a bad argument or job file',
  3: 'no such job, trial or file',
  4: 'the service, the ledger or the registry cannot be reached now',
  5: 'refused as things stand: a wrong state, a missing data set, a key that is not allowed to',
  70: 'a fault of gradsmith itself, or of the service',
  130: 'interrupted',
};
