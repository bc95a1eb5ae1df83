export { checkJobText } from './check-job-text.ts';
export { findPair } from './find-pair.ts';
export { describeFinding, findPosition, type Finding } from './finding.ts';
export { locateProblem } from './locate-problem.ts';
export { readYaml } from './read-yaml.ts';
