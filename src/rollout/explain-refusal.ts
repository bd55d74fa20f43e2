import { enumerate, quote } from "../objects/words.ts";
import type { Explanation, Scene } from "./explanation.ts";

/** Pods that the API server does not let be created. */
export function createRefused({ message }: { message: string }, { suspect }: Scene): Explanation {
  const object = quote(suspect.object);
  if (/exceeded quota/.test(message)) return overQuota(message, object);
  const account = /serviceaccount "([^"]+)" not found/.exec(message)?.[1];
  if (account !== undefined) {
    return {
      code: "missing-service-account",
      what: `The pods of ${object} cannot be created, because their ServiceAccount ${quote(account)} does not exist.`,
      remedy: `Bring ${quote(`ServiceAccount/${account}`)} in the chart, or leave \`serviceAccountName\` out.`,
    };
  }
  const security = /violates PodSecurity "([a-z]+):[^"]*": (.*)$/s.exec(message);
  if (security !== null) {
    return {
      code: "pod-security",
      what: `The pods of ${object} are refused by the Pod Security Standard ${quote(security[1] ?? "")}.`,
      remedy: "Set what each part of the message asks for in `securityContext` of the pod or container.",
      evidence: (security[2] ?? "").replaceAll("), ", ")\n"),
    };
  }
  if (/must be less than or equal to memory limit/.test(message)) {
    return {
      code: "memory-request-over-limit",
      what: `The pods of ${object} cannot be created: a container requests more memory than the limit that a preview sets where there is none.`,
      remedy: "Set `resources.limits.memory` of the container as well.",
      evidence: message,
    };
  }
  return {
    code: "create-refused",
    what: `The pods of ${object} cannot be created: the API server refuses them.`,
    remedy: "Correct what the message names.",
    evidence: message,
  };
}

const resourceNames: Record<string, string> = {
  "requests.cpu": "CPU (`resources.requests.cpu`)",
  "requests.memory": "memory (`resources.requests.memory`)",
  "limits.memory": "memory (`resources.limits.memory`)",
  "requests.storage": "storage",
  pods: "pods",
  persistentvolumeclaims: "claims for volumes",
  services: "Services",
};

/** `exceeded quota: greenroom, requested: requests.cpu=64, used: requests.cpu=10m, limited: requests.cpu=4` */
function overQuota(message: string, object: string): Explanation {
  const amounts = (word: string) =>
    new Map(
      [
        ...(new RegExp(`${word}: ((?:[\\w./-]+=[\\w.]+,?)+)`).exec(message)?.[1] ?? "").matchAll(
          /([\w./-]+)=([\w.]+)/g,
        ),
      ].map(([, name = "", amount = ""]) => [name, amount]),
    );
  const [requested, used, limited] = [amounts("requested"), amounts("used"), amounts("limited")];
  const parts = [...requested].map(
    ([name, amount]) =>
      `${quote(amount)} of ${resourceNames[name] ?? quote(name)}, where a preview may have ${quote(limited.get(name) ?? "less")} and uses ${quote(used.get(name) ?? "0")} already`,
  );
  return {
    code: "quota-exceeded",
    what: `The pods of ${object} cannot be created: one asks for ${parts.length === 0 ? "more than a preview may have" : enumerate(parts)}.`,
    remedy: "Ask for less under `resources`, or run fewer replicas in previews. The operator can raise the quota.",
    evidence: message,
  };
}
