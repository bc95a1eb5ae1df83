import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Throws the failure of a command whose trainers do not start, such as for a backend or a GPU that is not there. */
export function refuseStart(error: Error): never {
  throw new Failure(exitCodes.refused, 'trainer-not-started', `${error.message}\ngradsmith doctor looks further.`, {
    cause: error,
  });
}
