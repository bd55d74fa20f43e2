import type { AllowedKind } from "./kinds.ts";
import type { KubernetesObject, SourcedObject } from "./kubernetes-object.ts";

/** What one preview may do beyond what every preview may. */
export type Allowance = {
  namespace: string;
  /** Host names that Ingresses of this preview may answer to; lower case, exact. */
  hosts: readonly string[];
  /** Kinds that the operator allows besides Greenroom's own list, such as `Certificate` of cert-manager. */
  kinds: readonly AllowedKind[];
};

/** One thing that the guard refuses. */
export type Violation = {
  /** `Deployment/web`. */
  object: string;
  /** `spec.template.spec.hostNetwork`. */
  field: string;
  file: string;
  /** The rest of a sentence that begins with the object: `shares the network of its node`. */
  what: string;
  remedy: string;
};

/** What a rule can look at besides the value. */
export type Surroundings = {
  /** Key or index of the value in what holds it. */
  key: string | number;
  object: KubernetesObject;
  objects: readonly SourcedObject[];
  allowance: Allowance;
};

/**
 * Where the path of a rule begins: at the object, at the metadata of the object and of the pods it makes, at the spec of
 * those pods, at each of their containers, at the spec of each claim for a volume; or at the object, if of a kind.
 */
export type Subject = "object" | "metadata" | "pod" | "container" | "claim" | `kind ${string}`;

/** One line of the guard's table. */
export type Rule = {
  on: Subject;
  /** A path as in path.ts; `[]` is each element of a list, or each entry of a map. */
  field: string;
  refuse(value: unknown, surroundings: Surroundings): boolean;
  what: string | ((value: unknown, surroundings: Surroundings) => string);
  remedy: string;
};

/** A line of the table, short enough to be read as one. */
export function rule(on: Subject, field: string, refuse: Rule["refuse"], what: Rule["what"], remedy: string): Rule {
  return { on, field, refuse, what, remedy };
}

/** There, and neither false, zero nor empty. */
export function isSet(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== "" && value !== 0;
}

export function isMissing(value: unknown): boolean {
  return !isSet(value);
}

/** One of these values exactly. */
export function is(...values: unknown[]): Rule["refuse"] {
  return (value) => values.includes(value);
}

/** Set, and none of these values. */
export function isOtherThan(...values: unknown[]): Rule["refuse"] {
  return (value) => isSet(value) && !values.includes(value);
}
