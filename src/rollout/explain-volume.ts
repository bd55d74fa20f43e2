import { quote } from "../objects/words.ts";
import type { CauseOf, Explanation, Scene } from "./explanation.ts";

export function claimUnbound({ message }: CauseOf<"claim-unbound">, { subject }: Scene): Explanation {
  const storageClass = /storageclass\S* "([^"]*)" not found/.exec(message)?.[1];
  const missing = /persistentvolumeclaim "([^"]+)" not found/i.exec(message)?.[1];
  if (missing !== undefined) {
    const claim = quote(`PersistentVolumeClaim/${missing}`);
    return {
      code: "missing-reference",
      what: `${subject} cannot start, because ${claim}, which it mounts, does not exist.`,
      remedy: `Bring ${claim} in the chart, or correct its name.`,
    };
  }
  const claim = /^(PersistentVolumeClaim\/\S+):/.exec(message)?.[1];
  const without =
    claim === undefined || subject === quote(claim)
      ? `${subject} gets no volume`
      : `${subject} gets no volume for ${quote(claim)}`;
  if (storageClass !== undefined) {
    return {
      code: "claim-unbound",
      what: `${without}: there is no StorageClass ${quote(storageClass)}.`,
      remedy: "Leave `storageClassName` out, so that the cluster's default is used, or name one that exists.",
    };
  }
  if (message.includes("no storage class is set")) {
    return {
      kind: "operator",
      code: "claim-unbound",
      what: `${without}: the claim names no StorageClass, and the cluster has no default.`,
      remedy: "The operator can set a default StorageClass; or name one in the claim, or use `emptyDir`.",
    };
  }
  return {
    code: "claim-unbound",
    what: `${without}.`,
    remedy: "Check the claim's size, access mode and StorageClass against what the cluster offers.",
    evidence: message,
  };
}

export function volume({ message }: CauseOf<"volume">, { subject }: Scene): Explanation {
  const missing = /(configmap|secret) "([^"]+)" not found/i.exec(message);
  if (missing === null) {
    return {
      code: "volume",
      what: `${subject} cannot mount its volume.`,
      remedy: "Correct what the message names.",
      evidence: message,
    };
  }
  const name = quote(`${missing[1]?.toLowerCase() === "secret" ? "Secret" : "ConfigMap"}/${missing[2] ?? ""}`);
  return {
    code: "missing-reference",
    what: `${subject} cannot start, because ${name}, which it mounts, does not exist.`,
    remedy: `Bring ${name} in the chart, correct its name, or mark the volume \`optional: true\`.`,
  };
}

export function sandbox({ message }: CauseOf<"sandbox">, { subject }: Scene): Explanation {
  return {
    kind: "operator",
    code: "pod-sandbox",
    what: `The node could not set up a pod of ${subject}.`,
    remedy: "This is the cluster's trouble, not the pull request's. Push again to try once more, or ask the operator.",
    evidence: message,
  };
}
