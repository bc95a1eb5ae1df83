/** A message of TensorFlow's protocol as the addon's package generates it, with a setter for each field. */
export type Message = Record<string, (value: unknown) => void> & {
  serializeBinary(): Uint8Array;
  getAttrMap(): Map<string, Message>;
};
export type Messages = Record<'SavedModel' | 'VersionDef' | 'GraphDef' | 'NodeDef' | 'Tensor', new () => Message> & {
  AttrValue: (new () => Message) & { ListValue: new () => Message };
  MetaGraphDef: (new () => Message) & { MetaInfoDef: new () => Message };
  TensorShape: (new () => Message) & { Dim: new () => Message };
};
