import { stripTypeScriptTypes } from 'node:module';
import { parse, type AnyNode, type Node, type Pattern, type Program } from 'acorn';

/**
 * Returns the names that a top-level declaration of the source uses and that are neither declared in it, nor at the top
 * level of the source, nor known to every program.
 */
export function listUndeclaredNames(source: string, declaration: string): string[] {
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module' });
  const declared = new Set(program.body.flatMap((statement) => listDeclared(unwrap(statement))));
  const found = program.body.find((statement) => listDeclared(unwrap(statement)).includes(declaration));
  if (!found) throw new Error(`the source declares no ${declaration}`);
  const used = new Set<string>();
  visit(found, (node) => {
    for (const name of listDeclared(node)) declared.add(name);
    if (node.type === 'Identifier') used.add(node.name);
  });
  return [...used].filter((name) => !declared.has(name) && !(name in globalThis));
}

function unwrap(statement: Program['body'][number]): AnyNode {
  const isExport = statement.type === 'ExportNamedDeclaration';
  return isExport && statement.declaration ? statement.declaration : statement;
}

/** Returns the names that a node itself declares. */
function listDeclared(node: AnyNode): string[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return node.specifiers.map(({ local }) => local.name);
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => listBound(id));
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [...(node.id ? [node.id.name] : []), ...node.params.flatMap(listBound)];
    case 'ClassDeclaration':
      return node.id ? [node.id.name] : [];
    case 'CatchClause':
      return node.param ? listBound(node.param) : [];
    default:
      return [];
  }
}

/** Returns the names that a pattern binds, such as `a` and `b` of `{ x: a, y: [b] }`. */
function listBound(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => listBound(one.type === 'Property' ? one.value : one.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one ? listBound(one) : []));
    case 'AssignmentPattern':
      return listBound(pattern.left);
    case 'RestElement':
      return listBound(pattern.argument);
    default:
      return [];
  }
}

/** Calls `see` with the node and every node in it, without names of properties. */
function visit(node: AnyNode, see: (node: AnyNode) => void): void {
  see(node);
  for (const [field, value] of Object.entries(node)) {
    const isPropertyName = (field === 'property' || field === 'key') && !('computed' in node && node.computed);
    if (isPropertyName) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child as AnyNode, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
