import { powerfulAnnotations } from "../../src/objects/guard-pod-rules.ts";
import { guardRules } from "../../src/objects/guard-rules.ts";
import type { Rule, Subject } from "../../src/objects/guard-rule.ts";
import { grantable } from "../../src/objects/grantable.ts";
import { type AllowedKind, allowedKinds, droppedKinds } from "../../src/objects/kinds.ts";

const subjects: Record<Exclude<Subject, `kind ${string}`>, string> = {
  object: "every object",
  metadata: "every object, and the pods it makes",
  pod: "pods",
  container: "containers",
  claim: "claims for volumes",
};

function subjectOf({ on }: Rule): string {
  return on.startsWith("kind ")
    ? on.slice("kind ".length)
    : (Object.entries(subjects).find(([key]) => key === on)?.[1] ?? on);
}

/** What a rule says, with an ellipsis where it would quote the chart. */
function whatOf({ what }: Rule): string {
  if (typeof what === "string") return what;
  const said = what("…", {
    key: "…",
    object: nothing,
    objects: [],
    allowance: { namespace: "", hosts: [], kinds: [] },
  });
  return said.replaceAll("`(empty)`", "`…`").replace(/^ \(annotation/, "gives more than fields may (annotation");
}

const nothing = { apiVersion: "", kind: "", metadata: { name: "" } };

const cell = (text: string) => text.replaceAll("|", "\\|");

function kindsByVersion(kinds: readonly AllowedKind[]): string[] {
  return [...Map.groupBy(kinds, ({ apiVersion }) => apiVersion)].map(
    ([version, members]) => `| \`${version}\` | ${members.map(({ kind }) => kind).join(", ")} |`,
  );
}

/** The reference of what a preview may consist of, from the guard's own tables. */
export function guardFiles(): Record<string, string> {
  const text = [
    "# What a preview may consist of",
    "",
    "<!-- Generated from src/objects by `npm run docs`. -->",
    "",
    "The guard judges every object of a preview before it is released. Where it refuses one, nothing is released, and the",
    "comment names object, field, file and what to do. [security.md](security.md) says what else stands behind it.",
    "",
    "## Kinds",
    "",
    "| version | kinds |",
    "| --- | --- |",
    ...kindsByVersion(allowedKinds),
    "",
    "Left out, with a notice in the comment:",
    "",
    ...droppedKinds.map(({ kind, why }) => `- ${kind}: ${why}.`),
    "- The annotation `helm.sh/resource-policy`: nothing of a preview is kept.",
    "",
    "Every other kind is refused, whatever belongs to the whole cluster above all.",
    "",
    "## Rules",
    "",
    "An object is refused that, at the field named:",
    "",
    "| of | field | does this | instead |",
    "| --- | --- | --- | --- |",
    ...guardRules.map(
      (rule) => `| ${subjectOf(rule)} | \`${rule.field}\` | ${cell(whatOf(rule))} | ${cell(rule.remedy)} |`,
    ),
    "",
    "Annotations that give more than fields may:",
    "",
    "| matches | what it does |",
    "| --- | --- |",
    ...powerfulAnnotations.map(({ key, what }) => `| \`${cell(key.source.replaceAll("\\/", "/"))}\` | ${what} |`),
    "",
    "## What a Role may grant",
    "",
    "A chart may bring Roles for programs of the preview, within this:",
    "",
    "| group | resources | verbs |",
    "| --- | --- | --- |",
    ...grantable.map(
      ({ apiGroups, resources, verbs }) =>
        `| ${apiGroups.map((group) => (group === "" ? "core" : `\`${group}\``)).join(", ")} | ${resources.join(", ")} | ${verbs.join(", ")} |`,
    ),
    "",
  ].join("\n");
  return { "docs/guard.md": text };
}
