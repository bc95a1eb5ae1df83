import { pino, type LevelWithSilent, type Logger } from 'pino';

/** Logs as JSON lines to standard error. Standard output is only for the result of the command. */
export function makeLog(level: LevelWithSilent): Logger {
  return pino({ name: 'gradsmith', level }, pino.destination({ dest: 2, sync: true }));
}
