import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

export function addValidate(program: Command): void {
  const command = withJson(
    program
      .command('validate')
      .helpGroup(groups.start)
      .summary('check a job file and show its search space')
      .description(
        'Checks a job file completely, without running anything, and shows what it would search. Every ' +
          'mistake is named with its place and remedy.',
      )
      .argument('<job-file>', 'YAML or JSON'),
    '{file, valid, name, trials, metric, direction, space}',
  ).action(async (file: string, { json }: { json?: boolean }) => {
    const [
      { describeMeasuredConstraint, getDirection, getMetricName, buildSearchSpace },
      { describeCondition },
      { readJobFile },
    ] = await Promise.all([import('@gradsmith/core/spec'), import('@gradsmith/core/domain'), import('../job-file.ts')]);
    const spec = readJobFile(file);
    const { space, bindings } = buildSearchSpace(spec);
    const parameters = Object.entries(space).map(([name, parameter]) => ({
      name,
      at: Object.hasOwn(bindings, name) ? bindings[name]! : null,
      ...parameter,
    }));
    const metric = getMetricName(spec);
    if (json)
      return printJson({
        file,
        valid: true,
        name: spec.name,
        trials: spec.search.trials,
        metric,
        direction: getDirection(spec),
        space: parameters,
      });
    print(`${file} is a valid job: ${spec.name}, ${spec.search.trials} trials of ${metric} to ${getDirection(spec)}`);
    for (const { name, type, at, when, ...rest } of parameters) {
      const condition = when === undefined ? '' : `, only when ${describeCondition(when)}`;
      print(`  ${name.padEnd(16)} ${type} ${describeRange(rest)}${at === null ? '' : `, sets ${at}`}${condition}`);
    }
    for (const constraint of spec.constraints ?? [])
      print(
        typeof constraint === 'string'
          ? `  every point: ${constraint}`
          : `  measured: ${describeMeasuredConstraint(constraint)}`,
      );
  });
  withExamples(
    command,
    'gradsmith validate examples/demo.yaml',
    'gradsmith validate examples/two-gaussians.yaml --json',
  );
}

/** Returns `from 0 to 5 (log)`, `one of gini, entropy` or `0.5`. */
function describeRange(parameter: {
  low?: number;
  high?: number;
  scale?: string;
  choices?: readonly unknown[];
  value?: unknown;
  operands?: readonly string[];
  functions?: readonly string[];
  maxNodes?: number;
}): string {
  const { low, high, scale, choices, value, operands, functions, maxNodes } = parameter;
  if (operands) return `of ${operands.join(', ')} with ${functions?.join(', ')}, up to ${maxNodes} nodes`;
  if (choices) return `one of ${choices.map(String).join(', ')}`;
  if (low === undefined) return String(value);
  return `from ${low} to ${high}${scale === 'log' ? ' (log)' : ''}`;
}
