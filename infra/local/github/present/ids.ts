/** Node ids: opaque to clients, a prefix by kind and the numeric ids inside, as on GitHub. */
export type NodeKind =
  | "U"
  | "BOT"
  | "R"
  | "I"
  | "PR"
  | "IC"
  | "LA"
  | "CR"
  | "CS"
  | "DE"
  | "DES"
  | "A"
  | "INST"
  | "RE"
  | "C"
  | "EN";

export function nodeId(kind: NodeKind, ...ids: readonly (number | string)[]): string {
  return `${kind}_${Buffer.from(ids.join(":")).toString("base64url")}`;
}

/** What a node id names, or undefined where it is none of ours. */
export function readNodeId(id: string): { readonly kind: string; readonly ids: readonly string[] } | undefined {
  const [kind, encoded] = id.split("_");
  if (kind === undefined || encoded === undefined) return undefined;
  return { kind, ids: Buffer.from(encoded, "base64url").toString().split(":") };
}
