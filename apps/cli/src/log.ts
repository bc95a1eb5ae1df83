import { pino, type LevelWithSilent, type Logger } from 'pino';

/** Logs as JSON lines to standard error, so that standard output stays what the command is asked for. */
export function makeLog(level: LevelWithSilent): Logger {
  return pino({ name: 'gradsmith', level }, pino.destination({ dest: 2, sync: true }));
}
