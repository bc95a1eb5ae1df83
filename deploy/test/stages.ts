import { DockerfileParser } from 'dockerfile-ast';

export interface Stage {
  name: string;
  /** The image or stage it starts from, with the defaults of build arguments. */
  base: string;
  /** Stages it copies from. */
  sources: string[];
  /** Keyword and argument of each instruction. */
  instructions: { keyword: string; text: string }[];
}

/** The build graph of a Dockerfile, as its text has it. */
export function parseStages(dockerfile: string): Map<string, Stage> {
  const stages = new Map<string, Stage>();
  const defaults = new Map<string, string>();
  let current: Stage | undefined;
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    const text = instruction.getArgumentsContent() ?? '';
    if (keyword === 'ARG' && !current)
      defaults.set(text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1));
    if (keyword === 'FROM') {
      const [image, , name] = text.split(/\s+/);
      current = {
        name: name!,
        base: image!.replace(/^\$\{(\w+)\}$/, (_, argument: string) => defaults.get(argument)!),
        sources: [],
        instructions: [],
      };
      stages.set(current.name, current);
    } else current?.instructions.push({ keyword, text });
    const source = keyword === 'COPY' && /--from=(\S+)/.exec(text)?.[1];
    if (source) current!.sources.push(source);
  }
  return stages;
}

/** Every stage that a target is built from, itself included; its own instructions come last. */
export function listAncestors(stages: ReadonlyMap<string, Stage>, target: string): Stage[] {
  const stage = stages.get(target);
  return stage ? [...listAncestors(stages, stage.base), stage] : [];
}
