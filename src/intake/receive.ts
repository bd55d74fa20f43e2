import { FailureError } from "../preview/failure.ts";
import { keysOf } from "./keys-of.ts";
import { isSigned } from "./signature.ts";

/** Headers as node:http gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A verified delivery. */
export type Delivery = { id: string; name: string; payload: object };

export type Answer = { status: number; body: Record<string, unknown> };

export type Receive = (headers: Headers, rawBytes: Uint8Array) => Promise<Answer>;

export type ReceiveOptions = {
  /** The webhook secrets in use: one, or two while it is rotated. */
  secrets: readonly string[];
  /** Resolves once everything the delivery asks for is queued. */
  dispatch(delivery: Delivery): Promise<void>;
  /** Told of every delivery that could not be taken in, and why. */
  onFailure?(delivery: Delivery, failure: unknown): void;
};

/** GitHub sends no payload larger than 25 MB. */
export const payloadLimit = 25 * 1024 * 1024;

/**
 * The one way in for webhooks, whatever carries them: checks size, signature and headers, then dispatches. Answers
 * 2xx only once the queue has taken it, so that GitHub counts everything else as failed and can be asked again.
 */
export function createReceive(options: ReceiveOptions): Receive {
  assertSecrets(options.secrets);
  return async (headers, rawBytes) => {
    if (rawBytes.length > payloadLimit) return tooLarge();
    if (!isSigned(rawBytes, header(headers, "x-hub-signature-256"), options.secrets)) {
      return refuse(401, "The X-Hub-Signature-256 header does not sign this body with the webhook secret.");
    }
    const read = readDelivery(headers, rawBytes);
    return "status" in read ? read : await take(read, options);
  };
}

/** The answer to a body over the limit. */
export function tooLarge(): Answer {
  return refuse(413, `The body is larger than ${payloadLimit} bytes.`);
}

/** Refuses to go on without a secret: nothing could tell GitHub's deliveries from anybody's. */
export function assertSecrets(secrets: readonly string[]): void {
  if (secrets.length > 0 && secrets.every((secret) => secret.length > 0)) return;
  throw new FailureError({
    kind: "operator",
    code: "webhook-secret-missing",
    what: "There is no webhook secret, so deliveries could not be told from forgeries.",
    remedy: "Set the secret that is configured in the GitHub App's webhook settings, and restart.",
  });
}

/** GitHub's are GUIDs; what was done once is remembered by them. */
const deliveryId = /^[\w-]{1,100}$/;

function readDelivery(headers: Headers, rawBytes: Uint8Array): Delivery | Answer {
  const id = header(headers, "x-github-delivery");
  const name = header(headers, "x-github-event");
  if (id === undefined || name === undefined) {
    return refuse(400, "The X-GitHub-Event and X-GitHub-Delivery headers are required.");
  }
  if (!deliveryId.test(id)) return refuse(400, "The X-GitHub-Delivery header is no id.");
  const contentType = header(headers, "content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    return refuse(415, "The content type has to be application/json; choose it in the webhook's settings.");
  }
  try {
    const payload: unknown = JSON.parse(Buffer.from(rawBytes).toString("utf8"));
    if (typeof payload === "object" && payload !== null && !Array.isArray(payload)) return { id, name, payload };
    return refuse(400, "The body is not a JSON object.");
  } catch {
    return refuse(400, "The body is not JSON.");
  }
}

async function take(delivery: Delivery, options: ReceiveOptions): Promise<Answer> {
  if (delivery.name === "ping") return { status: 200, body: { result: "pong" } };
  const asked = keysOf(delivery.name, delivery.payload).length;
  try {
    await options.dispatch(delivery);
  } catch (error) {
    options.onFailure?.(delivery, error);
    return isTransient(error)
      ? refuse(503, "The queue did not accept the delivery in time. Ask GitHub to deliver it again.")
      : refuse(500, "The delivery could not be handled. The log has the details under its delivery id.");
  }
  return asked === 0
    ? { status: 202, body: { result: "ignored", event: delivery.name } }
    : { status: 202, body: { result: "queued", pullRequests: asked } };
}

/** Probot collects what its handlers threw in an AggregateError. */
function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isTransient);
  return error instanceof FailureError && error.failure.kind === "transient";
}

function refuse(status: number, error: string): Answer {
  return { status, body: { error } };
}

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === "" ? undefined : first;
}
