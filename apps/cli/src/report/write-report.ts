import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readText } from '../read-text.ts';
import { placeWholeFile } from '../whole-file.ts';

const DOCTYPE = '<!doctype html>\n';
const MARKED = `${DOCTYPE}<!-- gradsmith report -->\n`;

/**
 * Writes a report page as a whole or not at all. Creates no folder, and replaces a file that is not a report only with
 * `force`.
 */
export function writeReport(file: string, page: string, force = false): void {
  checkReportPlace(file, force);
  const place = placeWholeFile(file);
  try {
    writeFileSync(place.path, page.replace(DOCTYPE, MARKED));
    place.keep();
  } catch (error) {
    throw place.discard(error);
  }
}

/** Throws Failure if a report cannot be written there: before a run of hours, and not after it. */
export function checkReportPlace(file: string, force = false): void {
  if (!existsSync(dirname(file)))
    throw new Failure(exitCodes.notFound, 'not-found', `The folder ${dirname(file)} does not exist; create it first.`);
  if (!force && existsSync(file) && !readText(file).startsWith(MARKED))
    throw new Failure(
      exitCodes.refused,
      'refused',
      `${file} exists and is not a report; choose another name, or remove it first. ` +
        'gradsmith report --force overwrites it.',
    );
}
