// node deploy/audit.ts [--advisories FOLDER] [IMAGE…]: looks for known weaknesses in what the images are made of.
//   npm packages   the registry's advisories, where it gives them out; with --advisories those of a folder of OSV
// records, which
//                  needs no network (https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip, unpacked)
//   images         packages for which the distribution's security archive has a newer version; programs that are no
// packages Ends with 1 where a finding is high, with 2 where there is none but something could not be audited, and else
// with 0.
import { parseArgs } from 'node:util';
import { auditImage } from './audit/image.ts';
import { auditNpm } from './audit/npm.ts';
import { Report } from './audit/report.ts';

const { values, positionals } = parseArgs({ options: { advisories: { type: 'string' } }, allowPositionals: true });
const report = new Report();
auditNpm(report, values.advisories);
for (const image of positionals) auditImage(report, image);
process.exitCode = report.end();
