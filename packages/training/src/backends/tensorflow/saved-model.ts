import type { Attribute, TensorflowBinding } from './addon.ts';
import type { Message, Messages } from './messages.ts';
import type { Trace, TracedConstant } from './trace.ts';

/** The tag under which the model is loaded. */
export const TAG = 'serve';

/**
 * TensorFlow 2.12's version of graphs, which later versions still read. Without a version, the graph counts as
 * outdated.
 */
const GRAPH_VERSION = 1395;

/** Returns the name of an output in the graph. */
export const outputName = (position: number): string => `output${position}`;

/**
 * Lists what a trace receives at each run, in order: its inputs, captured tensors, and the fractional numbers among its
 * constants. Trainings that differ only in numbers therefore share one graph. Sizes and axes are part of the graph.
 */
export function listGivenInputs(
  { inputs, captured, constants }: Trace,
  { TF_FLOAT }: TensorflowBinding,
): readonly { name: string; type: number }[] {
  return [...inputs, ...captured, ...constants.filter(({ type }) => type === TF_FLOAT)];
}

/** Encodes the trace as the file `saved_model.pb`. */
export function encodeSavedModel(trace: Trace, messages: Messages, types: TensorflowBinding): Uint8Array {
  const writer = new Writer(messages, types);
  for (const { name, type } of listGivenInputs(trace, types))
    writer.node(name, 'Placeholder', [], { dtype: writer.type(type) });
  for (const constant of trace.constants.filter(({ type }) => type !== types.TF_FLOAT)) writer.constant(constant);
  for (const { name, operation, inputs, attributes } of trace.operations) {
    writer.node(
      name,
      operation,
      inputs,
      Object.fromEntries(attributes.map((attribute) => [attribute.name, writer.attribute(attribute)])),
    );
  }
  // An output may be an unchanged input, which cannot be fetched by its own name.
  for (const [i, { name, type }] of trace.outputs.entries())
    writer.node(outputName(i), 'Identity', [name], { T: writer.type(type) });
  return writer.savedModel();
}

class Writer {
  readonly #messages: Messages;
  readonly #types: TensorflowBinding;
  readonly #graph: Message;

  constructor(messages: Messages, types: TensorflowBinding) {
    this.#messages = messages;
    this.#types = types;
    const versions = fillMessage(new messages.VersionDef(), { Producer: GRAPH_VERSION });
    this.#graph = fillMessage(new messages.GraphDef(), { Versions: versions });
  }

  node(
    name: string,
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Message>>,
  ): void {
    const node = fillMessage(new this.#messages.NodeDef(), { Name: name, Op: operation, InputList: [...inputs] });
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
    this.#graph['addNode']!(node);
  }

  constant({ name, shape, type, values }: TracedConstant): void {
    const { Tensor, TensorShape } = this.#messages;
    const sides = shape.map((side) => fillMessage(new TensorShape.Dim(), { Size: side }));
    const tensor = fillMessage(new Tensor(), {
      Dtype: type,
      TensorShape: fillMessage(new TensorShape(), { DimList: sides }),
      TensorContent: this.#bytes(type, values),
    });
    this.node(name, 'Const', [], { dtype: this.type(type), value: this.#value({ Tensor: tensor }) });
  }

  #bytes(type: number, values: TracedConstant['values']): Uint8Array {
    switch (type) {
      case this.#types.TF_INT32:
        return new Uint8Array(Int32Array.from(values).buffer);
      case this.#types.TF_BOOL:
        return Uint8Array.from(values);
      default:
        throw new Error(`A constant of TensorFlow's type ${type} cannot become part of a graph.`);
    }
  }

  #value(fields: Record<string, unknown>): Message {
    return fillMessage(new this.#messages.AttrValue(), fields);
  }

  type(type: number): Message {
    return this.#value({ Type: type });
  }

  attribute({ name, type, value }: Attribute): Message {
    const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL } = this.#types;
    if (type === TF_ATTR_TYPE) return this.type(value as number);
    if (type === TF_ATTR_STRING) return this.#value({ S: new TextEncoder().encode(value as string) });
    const field = new Map([
      [TF_ATTR_INT, 'I'],
      [TF_ATTR_FLOAT, 'F'],
      [TF_ATTR_BOOL, 'B'],
    ]).get(type);
    if (field === undefined)
      throw new Error(
        `The attribute ${name} of an operation is of a kind, ${type}, that cannot become part of a graph.`,
      );
    if (!Array.isArray(value)) return this.#value({ [field]: value });
    return this.#value({ List: fillMessage(new this.#messages.AttrValue.ListValue(), { [`${field}List`]: value }) });
  }

  savedModel(): Uint8Array {
    const { SavedModel, MetaGraphDef } = this.#messages;
    const info = fillMessage(new MetaGraphDef.MetaInfoDef(), { TagsList: [TAG] });
    const meta = fillMessage(new MetaGraphDef(), { MetaInfoDef: info, GraphDef: this.#graph });
    return fillMessage(new SavedModel(), { SavedModelSchemaVersion: 1, MetaGraphsList: [meta] }).serializeBinary();
  }
}

/** Returns the message with these fields set. */
function fillMessage(message: Message, fields: Readonly<Record<string, unknown>>): Message {
  for (const [field, value] of Object.entries(fields)) message[`set${field}`]!(value);
  return message;
}
