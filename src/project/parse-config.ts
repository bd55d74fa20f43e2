import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLError } from "yaml";
import { z } from "zod";
import { nearest, quote } from "../objects/words.ts";
import { type Failure, otherPlaces, type Result } from "../preview/failure.ts";
import { type Config, configSchema } from "./config.ts";

/** One thing that is wrong in a configuration file. */
export type Problem = { line: number | undefined; text: string; suggestion?: string };

/** Finds the line of what a path leads to: of its key where it is in a map, else of itself or of what should hold it. */
export type LineOf = (path: readonly PropertyKey[]) => number | undefined;

export type ParsedConfig<T = Config> = { config: T; lineOf: LineOf };

const largestFile = 256 * 1024;
const mostAliases = 100;
const mostProblems = 20;

/** Reads greenroom.yaml. The failure names the first problem and lists the others as evidence, each with its line. */
export function parseConfig(text: string, file: string): Result<ParsedConfig>;
/** The same for a part of it; what else stands in the file is not looked at. */
export function parseConfig<T>(text: string, file: string, part: z.ZodType<T>): Result<ParsedConfig<T>>;
export function parseConfig(
  text: string,
  file: string,
  schema: z.ZodType = configSchema,
): Result<ParsedConfig<unknown>> {
  if (Buffer.byteLength(text) > largestFile) {
    return configFailure(file, [{ line: undefined, text: `the file is larger than ${largestFile / 1024} KiB` }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0)
    return configFailure(
      file,
      syntax.map((error) => syntaxProblem(error, lines)),
    );

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases }) ?? {};
  } catch {
    return configFailure(file, [{ line: undefined, text: `aliases are used more than ${mostAliases} times` }]);
  }
  const lineOf = lineFinder(document.contents, lines);
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: { config: parsed.data, lineOf } };
  return configFailure(
    file,
    parsed.error.issues.flatMap((issue) => issueProblems(issue, value, lineOf)),
  );
}

/** All problems of a file as one failure. */
export function configFailure(file: string, problems: readonly Problem[]): { ok: false; failure: Failure } {
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, mostProblems);
  const [first] = sorted;
  const others = problems.length - 1;
  const more = others === 0 ? "" : ` (and ${others} more problem${others === 1 ? "" : "s"})`;
  return {
    ok: false,
    failure: {
      kind: "user",
      code: "config-invalid",
      what: `\`${file}\`: ${first?.text ?? "it is not valid"}${more}.`,
      where: { file, ...(first?.line === undefined ? {} : { line: first.line }) },
      ...otherPlaces(sorted.map(({ line, text }) => ({ file, line, what: text }))),
      remedy: first?.suggestion ?? "The keys and their types are listed in Greenroom's configuration reference.",
      evidence: sorted.map((each) => [file, each.line ?? 1].join(":") + `: ${each.text}`).join("\n"),
    },
  };
}

function syntaxProblem(error: YAMLError, lines: LineCounter): Problem {
  const { line } = lines.linePos(error.pos[0]);
  // The parser's text ends with where it is, which we say ourselves.
  const text = error.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "").replace(/\s+/g, " ");
  const what = error.code === "DUPLICATE_KEY" ? "a key is there twice" : `not valid YAML: ${text}`;
  return { line, text: what };
}

function lineFinder(root: Node | null, lines: LineCounter): LineOf {
  const lineAt = (node: unknown): number | undefined => {
    const range = isNode(node) ? node.range : undefined;
    return range === undefined || range === null ? undefined : lines.linePos(range[0]).line;
  };
  return (path) => {
    let node: unknown = root;
    let line = lineAt(root);
    for (const key of path) {
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find((item: Pair) => isScalar(item.key) && String(item.key.value) === String(key));
        line = lineAt(pair?.key) ?? line;
        next = pair?.value;
      } else {
        next = isSeq(node) ? node.get(Number(key), true) : undefined;
        line = lineAt(next) ?? line;
      }
      node = next;
    }
    return line;
  };
}

function issueProblems(issue: z.core.$ZodIssue, root: unknown, lineOf: LineOf): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(key, issue.path, root, lineOf));
  }
  const name = issue.path.length === 0 ? "the file" : quote(pathText(issue.path));
  const line = lineOf(issue.path);
  if (issue.code === "invalid_type") {
    const actual = at(root, issue.path);
    const text =
      actual === undefined
        ? `${name} is missing`
        : `${name} must be ${typeWords[issue.expected] ?? issue.expected}, not ${describe(actual)}`;
    return [{ line, text }];
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map((inner) => ({ line, text: `the key ${name} ${inner.message}` }));
  }
  return [{ line, text: `${name} ${issue.message}` }];
}

const typeWords: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "a map",
  record: "a map",
};

function describe(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return `the text ${quote(value)}`;
  return quote(JSON.stringify(value));
}

function unknownKey(key: string, path: readonly PropertyKey[], root: unknown, lineOf: LineOf): Problem {
  const known = keysAt(configSchema, path);
  const holder = at(root, path);
  const used = typeof holder === "object" && holder !== null ? Object.keys(holder) : [];
  const [suggestion] = nearest(
    key,
    known.filter((each) => !used.includes(each)),
  );
  const where = path.length === 0 ? "" : ` in ${quote(pathText(path))}`;
  const meant = suggestion === undefined ? "" : `; did you mean ${quote(suggestion)}?`;
  return {
    line: lineOf([...path, key]),
    text: `unknown key ${quote(key)}${where}${meant}`,
    suggestion:
      suggestion === undefined
        ? `Known keys there are ${known.map(quote).join(", ")}.`
        : `Write ${quote(suggestion)} instead of ${quote(key)}.`,
  };
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

/** `chart.values`, `expose[0].port`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}

function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return keysAt(schema.element, path.slice(1));
  if (!(schema instanceof z.ZodObject)) return [];
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(schema.shape);
  const inner: unknown = schema.shape[String(key)];
  return inner instanceof z.ZodType ? keysAt(inner, rest) : [];
}
