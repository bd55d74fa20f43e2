import { isMap } from "../objects/read.ts";
import { nearest, quote } from "../objects/words.ts";
import type { Scalar } from "../policy/declared.ts";
import type { Failure, Result } from "../preview/failure.ts";

/** What `${…}` may stand for. Names below host and url are those of `expose`, below image those of `images`, below set the keys of `set`. */
export type Variables = {
  pr: { number: number };
  sha: string;
  host: Readonly<Record<string, string>>;
  url: Readonly<Record<string, string>>;
  image: Readonly<Record<string, string>>;
  set: Readonly<Record<string, Scalar>>;
};

type Part = { literal: string } | { variable: string } | { unclosed: string };

/** `$${` stands for a plain `${`. */
function parts(text: string): Part[] {
  const found: Part[] = [];
  let rest = text;
  while (rest !== "") {
    const [before, start] = rest.match(/^([\s\S]*?)(\$?\$\{)/)?.slice(1) ?? [];
    if (before === undefined || start === undefined) return [...found, { literal: rest }];
    rest = rest.slice(before.length + start.length);
    if (start === "$${") {
      found.push({ literal: `${before}\${` });
      continue;
    }
    if (before !== "") found.push({ literal: before });
    const end = rest.indexOf("}");
    if (end === -1) return [...found, { unclosed: `\${${rest}` }];
    found.push({ variable: rest.slice(0, end).trim() });
    rest = rest.slice(end + 1);
  }
  return found;
}

/** Every variable that a project with these services and images knows. */
export function knownVariables(
  exposed: readonly string[],
  images: readonly string[],
  keys: readonly string[],
): string[] {
  return [
    "pr.number",
    "sha",
    ...exposed.flatMap((name) => [`host.${name}`, `url.${name}`]),
    ...images.flatMap((name) => [`image.${name}`, ...shortName(name, images).map((short) => `image.${short}`)]),
    ...keys.map((key) => `set.${key}`),
  ];
}

/** The last part of an image's name, where it names no other one: `web` for `shop/web`. */
function shortName(name: string, images: readonly string[]): string[] {
  const short = name.slice(name.lastIndexOf("/") + 1);
  const same = images.filter((other) => other === short || other.endsWith(`/${short}`));
  return short !== name && same.length === 1 ? [short] : [];
}

/** What is wrong with the variables in a text, in words, with a suggestion; for reading a configuration. */
export function variableProblems(text: string, known: readonly string[]): { text: string; suggestion: string }[] {
  return parts(text).flatMap((part) => {
    const escape = "Where the text itself is meant, write `$${` for `${`.";
    if ("unclosed" in part) return [{ text: `${quote(part.unclosed)} has no closing \`}\``, suggestion: escape }];
    if (!("variable" in part) || known.includes(part.variable)) return [];
    const [near] = nearest(part.variable, known);
    const name = quote(`\${${part.variable}}`);
    return [
      {
        text: `${name} is not known${near === undefined ? "" : `; did you mean ${quote(`\${${near}}`)}?`}`,
        suggestion: `${near === undefined ? `Known are ${known.map((each) => quote(`\${${each}}`)).join(", ")}.` : `Write ${quote(`\${${near}}`)}.`} ${escape}`,
      },
    ];
  });
}

/**
 * Replaces `${…}` in all texts of a chart's values; keys stay as they are. What comes out is a text, so `${pr.number}`
 * alone is the text "12": charts that put it into a label or an environment variable need just that. Only `${set.KEY}`
 * alone is of the type of its default, since charts ask whether it is true, or how many there are.
 */
export function interpolate(values: Record<string, unknown>, variables: Variables): Result<Record<string, unknown>> {
  const unknown: string[] = [];
  const replaced = replaceEach(values, (text) => {
    const [part, ...more] = parts(text);
    const isAlone = part !== undefined && "variable" in part && more.length === 0;
    return (isAlone ? setAs(part.variable, variables) : undefined) ?? replaceIn(text, variables, unknown);
  });
  return unknown[0] === undefined ? { ok: true, value: replaced } : unknownVariable(unknown[0]);
}

/** The same for build arguments. Images have no name yet when these are needed. */
export function interpolateArgs(
  args: Readonly<Record<string, string>>,
  variables: Omit<Variables, "image">,
): Result<Record<string, string>> {
  const unknown: string[] = [];
  const replaced = Object.fromEntries(
    Object.entries(args).map(([key, text]) => [key, replaceIn(text, { ...variables, image: {} }, unknown)]),
  );
  return unknown[0] === undefined ? { ok: true, value: replaced } : unknownVariable(unknown[0]);
}

function unknownVariable(name: string): { ok: false; failure: Failure } {
  return {
    ok: false,
    failure: {
      kind: "user",
      code: "variable-unknown",
      what: `${quote(`\${${name}}`)} has no value here.`,
      remedy:
        "Build arguments may hold `${pr.number}`, `${sha}`, `${host.NAME}`, `${url.NAME}` and `${set.KEY}`; values `${image.NAME}` too.",
    },
  };
}

function replaceIn(text: string, variables: Variables, unknown: string[]): string {
  return parts(text)
    .map((part) => {
      if ("literal" in part) return part.literal;
      if ("unclosed" in part) return part.unclosed;
      const found = lookUp(part.variable, variables);
      if (found === undefined) unknown.push(part.variable);
      return found ?? "";
    })
    .join("");
}

/** The value of `set.KEY`, as what it is. */
function setAs(name: string, { set }: Pick<Variables, "set">): Scalar | undefined {
  const key = name.startsWith("set.") ? name.slice("set.".length) : "";
  return Object.hasOwn(set, key) ? set[key] : undefined;
}

function lookUp(name: string, { pr, sha, host, url, image, set }: Variables): string | undefined {
  if (name === "pr.number") return String(pr.number);
  if (name === "sha") return sha;
  const dot = name.indexOf(".");
  const [group, key] = [name.slice(0, dot), name.slice(dot + 1)];
  if (group === "host") return own(host, key);
  if (group === "url") return own(url, key);
  const value = setAs(name, { set });
  if (value !== undefined) return String(value);
  if (group !== "image") return undefined;
  const [only, ...others] = Object.keys(image).filter((each) => each.endsWith(`/${key}`));
  return own(image, key) ?? (only === undefined || others.length > 0 ? undefined : image[only]);
}

function own(values: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function replaceEach(map: Record<string, unknown>, replace: (text: string) => Scalar): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([key, each]) => [key, walk(each, replace)]));
}

/** A copy of a value with every text in it replaced. */
function walk(value: unknown, replace: (text: string) => Scalar): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((each) => walk(each, replace));
  return isMap(value) ? replaceEach(value, replace) : value;
}

/** Every text in a value, with the path to it. */
export function texts(value: unknown, path: readonly PropertyKey[] = []): { path: PropertyKey[]; text: string }[] {
  if (typeof value === "string") return [{ path: [...path], text: value }];
  if (Array.isArray(value)) return value.flatMap((each, index) => texts(each, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => texts(each, [...path, key]));
}
