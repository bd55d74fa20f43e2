import { type Failure, otherPlaces } from "../preview/failure.ts";
import { flatten } from "./flatten.ts";
import type { Allowance, Rule, Subject, Violation } from "./guard-rule.ts";
import { guardRules } from "./guard-rules.ts";
import { allowedKinds, droppedKinds, groupOf, whyRefused } from "./kinds.ts";
import { type KubernetesObject, objectName, type SourcedObject } from "./kubernetes-object.ts";
import { parsePath, places, type Step } from "./path.ts";
import { podTemplate } from "./pod-template.ts";
import { at, listOf, mapOf } from "./read.ts";
import { count, quote } from "./words.ts";

const keepAnnotation = "helm.sh/resource-policy";

/** What the guard made of the objects. Only without a violation may `kept` be released. */
export type Guarded = { violations: Violation[]; kept: SourcedObject[]; notices: string[] };

/**
 * Judges every object of a preview by an allow-list of kinds and a table of rules, and leaves out what a preview is
 * better off without. It is the last to touch the objects before they are released.
 */
export function guard(objects: readonly SourcedObject[], allowance: Allowance): Guarded {
  const { left, notices } = leaveOut(structuredClone(flatten(objects)));
  const kept = left.map((sourced) => withoutKeepPolicy(sourced, notices));
  const violations = [
    ...kept.flatMap((sourced) =>
      isAllowed(sourced.object, allowance)
        ? violationsOf(sourced, kept, allowance)
        : [{ ...identity(sourced), field: "kind", ...whyRefused(sourced.object.apiVersion, sourced.object.kind) }],
    ),
    ...duplicates(kept),
  ];
  return { violations, kept, notices };
}

/** The failure that stands for violations: the first in its sentence, the first five as evidence. */
export function violationsFailure(violations: readonly Violation[]): Failure {
  const [first, ...others] = violations;
  if (first === undefined) throw new Error("no violation, no failure");
  const more =
    others.length === 0 ? "" : ` So ${others.length === 1 ? "is" : "are"} ${count(others.length, "other thing")}.`;
  const lines = violations.slice(0, 5).map(({ object, field, file, what }) => `${object} (${file}) ${what}: ${field}`);
  return {
    kind: "user",
    code: "guard-refused",
    what: `${quote(first.object)} ${first.what}: ${first.field === "kind" ? "such an object" : quote(first.field)} is not allowed in a preview.${more}`,
    where: { file: first.file },
    ...otherPlaces(violations.map(({ object, field, file, what }) => ({ file, what: `${object} ${what}: ${field}` }))),
    remedy: first.remedy,
    ...(others.length > 0 && {
      evidence: lines
        .map((line) => line.replaceAll("`", ""))
        .join("\n")
        .slice(0, 4_000),
    }),
  };
}

function isAllowed(object: KubernetesObject, { kinds }: Allowance): boolean {
  return [...allowedKinds, ...kinds].some(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
}

function identity({ object, file }: SourcedObject): Pick<Violation, "object" | "file"> {
  return { object: objectName(object), file };
}

const parsedRules: readonly { rule: Rule; steps: Step[] }[] = guardRules.map((rule) => {
  const steps = parsePath(rule.field);
  if (steps === undefined) throw new Error(`not a path: ${rule.field}`);
  return { rule, steps };
});

function violationsOf(sourced: SourcedObject, objects: readonly SourcedObject[], allowance: Allowance): Violation[] {
  const { object } = sourced;
  return parsedRules.flatMap(({ rule, steps }) =>
    subjects(rule.on, object)
      .flatMap(({ root, path }) => places(root, steps, path))
      .map((place) => ({ place, surroundings: { key: place.key, object, objects, allowance } }))
      .filter(({ place, surroundings }) => rule.refuse(place.value, surroundings))
      .map(({ place, surroundings }) => ({
        ...identity(sourced),
        field: place.path,
        what: typeof rule.what === "string" ? rule.what : rule.what(place.value, surroundings),
        remedy: rule.remedy,
      })),
  );
}

/** The parts of an object that rules of a subject look at, with their paths. */
function subjects(on: Subject, object: KubernetesObject): { root: unknown; path: string }[] {
  const template = podTemplate(object);
  switch (on) {
    case "object":
      return [{ root: object, path: "" }];
    case "metadata": {
      const own = { root: object.metadata, path: "metadata" };
      if (template === undefined || template.holder === object) return [own];
      return [own, { root: template.holder.metadata, path: template.path.replace(/spec$/, "metadata") }];
    }
    case "pod":
      return template === undefined ? [] : [{ root: template.spec, path: template.path }];
    case "container":
      return template === undefined
        ? []
        : ["containers", "initContainers", "ephemeralContainers"].flatMap((field) =>
            elements(template.spec, field, template.path),
          );
    case "claim":
      return [
        ...(object.kind === "PersistentVolumeClaim" ? [{ root: object.spec, path: "spec" }] : []),
        ...specs(object, "spec.volumeClaimTemplates[].spec", ""),
        ...(template === undefined
          ? []
          : specs(template.spec, "volumes[].ephemeral.volumeClaimTemplate.spec", template.path)),
      ];
    default:
      return on === `kind ${object.kind}` ? [{ root: object, path: "" }] : [];
  }
}

function elements(parent: unknown, field: string, path: string): { root: unknown; path: string }[] {
  return specs(parent, `${field}[]`, path).filter(() => listOf(at(parent, field)).length > 0);
}

function specs(root: unknown, path: string, prefix: string): { root: unknown; path: string }[] {
  return places(root, parsePath(path) ?? [], prefix).map((place) => ({ root: place.value, path: place.path }));
}

function leaveOut(objects: readonly SourcedObject[]): { left: SourcedObject[]; notices: string[] } {
  const notices: string[] = [];
  const left = objects.filter(({ object }) => {
    const dropped = droppedKinds.find(
      ({ group, kind }) => kind === object.kind && group === groupOf(object.apiVersion),
    );
    if (dropped !== undefined) notices.push(`${quote(objectName(object))} is left out: ${dropped.why}.`);
    return dropped === undefined;
  });
  return { left, notices };
}

/** `helm.sh/resource-policy: keep` would leave an object behind when it leaves the chart; nothing of a preview stays. */
function withoutKeepPolicy(sourced: SourcedObject, notices: string[]): SourcedObject {
  const { object } = sourced;
  const { [keepAnnotation]: policy, ...annotations } = mapOf(object.metadata.annotations);
  if (policy === undefined) return sourced;
  notices.push(
    `${quote(objectName(object))} is removed with the preview; its annotation ${quote(keepAnnotation)} is left out.`,
  );
  return { ...sourced, object: { ...object, metadata: { ...object.metadata, annotations: texts(annotations) } } };
}

function texts(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function duplicates(objects: readonly SourcedObject[]): Violation[] {
  const seen = new Map<string, SourcedObject>();
  return objects.flatMap((sourced) => {
    const { apiVersion, kind, metadata } = sourced.object;
    const id = `${groupOf(apiVersion)}/${kind}/${metadata.name}`;
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, sourced);
      return [];
    }
    const what = `is there twice, the first time in ${quote(first.file)}`;
    return [
      { ...identity(sourced), field: "metadata.name", what, remedy: "Give one of them another name, or leave it out." },
    ];
  });
}
