import { isMap, type Json, textOf } from "./read.ts";

/** One step of a path: into a key, to an element, or to each element of a list or map. */
export type Step = { key: string } | { index: number } | "each";

/** A place in an object that a path leads to. */
export type Place = {
  /** The path as people read it: elements of lists by their name where they have one, `containers[web].image`. */
  path: string;
  value: unknown;
  parent: Json | unknown[];
  key: string | number;
};

const token =
  /\.?(?<key>[A-Za-z_$][\w$-]*)|\[(?:(?<each>\*?)|(?<index>\d{1,6})|'(?<single>[^']*)'|"(?<double>[^"]*)")\]/y;

/**
 * Parses `spec.containers[].image`; also as JSONPath writes it: `{.spec.containers[*].image}`, `$.spec['image']`.
 * Undefined where the text is not such a path.
 */
export function parsePath(text: string): Step[] | undefined {
  let rest = text.trim();
  if (rest.startsWith("{") && rest.endsWith("}")) rest = rest.slice(1, -1).trim();
  rest = rest.replace(/^\$/, "");
  const steps: Step[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < rest.length) {
    const groups = token.exec(rest)?.groups;
    if (groups === undefined) return undefined;
    const key = groups.key ?? groups.single ?? groups.double;
    if (key !== undefined) steps.push({ key });
    else if (groups.index !== undefined) steps.push({ index: Number(groups.index) });
    else steps.push("each");
  }
  return steps.length === 0 ? undefined : steps;
}

/**
 * All places that a path leads to. Where only the last key is missing, its place is among them with an undefined value,
 * so that what is absent can be judged too.
 */
export function places(root: unknown, steps: readonly Step[], prefix = ""): Place[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [];
  return placesOfStep(root, step, prefix, rest.length === 0).flatMap((place) =>
    rest.length === 0 ? [place] : places(place.value, rest, place.path),
  );
}

function placesOfStep(root: unknown, step: Step, prefix: string, last: boolean): Place[] {
  if (Array.isArray(root)) {
    if (step === "each") return root.map((value, index) => elementPlace(root, value, index, prefix));
    return "index" in step && step.index < root.length
      ? [elementPlace(root, root[step.index], step.index, prefix)]
      : [];
  }
  if (!isMap(root)) return [];
  if (step === "each") {
    return Object.entries(root).map(([key, value]) => ({
      path: prefix === "" ? key : `${prefix}[${key}]`,
      value,
      parent: root,
      key,
    }));
  }
  if ("index" in step) return [];
  if (!Object.hasOwn(root, step.key) && !last) return [];
  const value = Object.hasOwn(root, step.key) ? root[step.key] : undefined;
  return [{ path: prefix === "" ? step.key : `${prefix}.${step.key}`, value, parent: root, key: step.key }];
}

function elementPlace(parent: unknown[], value: unknown, index: number, prefix: string): Place {
  const name = isMap(value) ? textOf(value.name) : undefined;
  return { path: `${prefix}[${name ?? index}]`, value, parent, key: index };
}

/** Replaces what is at a place, in the object the place was found in. */
export function replaceAt(place: Place, value: unknown): void {
  Reflect.set(place.parent, place.key, value);
}
