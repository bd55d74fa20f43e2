/** Headers as they came: name, value, name, value. */
export type RawHeaders = readonly string[];

/** They speak of one connection, not of the message. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a client says of itself and the way it came; only we may say it. `expect` has been answered already. */
const ours = new Set(["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "expect"]);

/** Who sent the request, as the gateway sees it. */
export type Origin = { address: string; host: string; scheme: "http" | "https" };

/** Headers for the pod: the message's own, and where it comes from in our words. */
export function requestHeaders(raw: RawHeaders, origin: Origin): string[] {
  const kept = messageHeaders(raw, (name) => name === "host" || ours.has(name));
  kept.push(
    "host",
    origin.host,
    "x-forwarded-for",
    origin.address,
    "x-forwarded-host",
    origin.host,
    "x-forwarded-proto",
    origin.scheme,
    "x-real-ip",
    origin.address,
  );
  return kept;
}

/** Headers for the client. */
export function responseHeaders(raw: RawHeaders): string[] {
  return messageHeaders(raw, () => false);
}

function messageHeaders(raw: RawHeaders, without: (name: string) => boolean): string[] {
  const named = connectionOptions(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const lower = name.toLowerCase();
    if (hopByHop.has(lower) || named?.has(lower) === true || without(lower)) continue;
    kept.push(name, raw[at + 1] ?? "");
  }
  return kept;
}

/** Further headers that `Connection` declares to be of this connection only; hardly any message has one. */
function connectionOptions(raw: RawHeaders): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== "connection") continue;
    for (const option of (raw[at + 1] ?? "").split(",")) {
      const name = option.trim().toLowerCase();
      // Without these the message would not be one any more.
      if (name === "" || name === "host" || name === "content-length") continue;
      named ??= new Set();
      named.add(name);
    }
  }
  return named;
}
