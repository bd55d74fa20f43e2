import { repositoryOf } from "../../images/ledger.ts";

type Rule = { action: "DENY" | "ALLOW"; selector: { identifier: string; match_type: "REGEX" } };

/** BuildKit's form of rules on where a build may take something from; of those that fit, the last one holds. */
export type SourcePolicy = { version: 1; rules: Rule[] };

/** `registry/prefix/42/` of `registry/prefix/42/shop-web:tag`: what all images of one repository have in common. */
export function ownPrefix(reference: string): string {
  const repository = repositoryOf(reference);
  return repository.slice(0, repository.lastIndexOf("/") + 1);
}

/**
 * BuildKit pulls base images with the credentials that push. So of our own registry a build may name the images of its
 * own repository only, and what the operator offers to everybody.
 */
export function sourcePolicy(reference: string, baseImages: readonly string[]): SourcePolicy {
  const host = reference.slice(0, reference.indexOf("/") + 1);
  return {
    version: 1,
    rules: [
      rule("DENY", host),
      rule("ALLOW", ownPrefix(reference)),
      ...baseImages.map((name) => rule("ALLOW", name.replace(/\/$/, ""), "([/:@]|$)")),
    ],
  };
}

/** About images whose names begin like this, in any case of letters: a host is the same in any. */
function rule(action: Rule["action"], start: string, end = ""): Rule {
  const identifier = `(?i)^docker-image(\\+blob)?://${literal(start)}${end}`;
  return { action, selector: { identifier, match_type: "REGEX" } };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
