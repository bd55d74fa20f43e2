import { enumerate, nearest, quote } from "../objects/words.ts";

/** A value that greenroom.yaml lets people set by a comment. All is written as text. */
export type Declared = {
  key: string;
  /** That of the default; what people write has to be of it. */
  type: "string" | "number" | "boolean";
  default: string;
  /** Where there are any, it has to be one of these. */
  values?: string[] | undefined;
};

export type Scalar = string | number | boolean;
/** What people set, as they wrote it. */
export type Override = { key: string; text: string };

export const declaredKey = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const longestKey = 60;
export const longestValue = 500;
/** As many as greenroom.yaml may declare, and a record hold. */
export const mostDeclared = 30;

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const control = /[\u0000-\u001f\u007f]/;
const number = /^-?\d{1,15}(\.\d{1,10})?$/;

/** What a text means as a value of that key, or what is wrong with it: the end of a sentence in Markdown. */
export function readValue(declared: Declared, text: string): { value: Scalar } | { problem: string } {
  const { type, values } = declared;
  if (text.length > longestValue) return { problem: `must have at most ${longestValue} characters` };
  if (control.test(text)) return { problem: "must have no control characters" };
  const value = type === "number" ? numberIn(text) : type === "boolean" ? booleanIn(text) : text;
  if (value === undefined) return { problem: type === "number" ? "must be a number" : "must be `true` or `false`" };
  if (values !== undefined && !values.includes(String(value))) {
    return { problem: `must be one of ${enumerate(values.map(quote), 20)}` };
  }
  return { value };
}

function numberIn(text: string): number | undefined {
  return number.test(text) ? Number(text) : undefined;
}

function booleanIn(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** What is wrong with people's words, or undefined: two sentences in Markdown. */
export function overrideProblem(declared: readonly Declared[], key: string, text: string): string | undefined {
  const found = declared.find((each) => each.key === key);
  if (found === undefined) return undeclared(declared, key);
  const read = readValue(found, text);
  return "problem" in read ? `${quote(key)} ${read.problem}, not ${quote(text)}.` : undefined;
}

/** Says which keys there are. */
export function undeclared(declared: readonly Declared[], key: string): string {
  const keys = declared.map((each) => each.key);
  const what = `greenroom.yaml declares no ${quote(key)}.`;
  if (keys.length === 0) return `${what} What can be set is declared under \`set\` there, and nothing is.`;
  const [near] = nearest(key, keys, 1);
  return near === undefined
    ? `${what} There are: ${keys.map(quote).join(", ")}.`
    : `${what} Did you mean ${quote(near)}?`;
}

/** The value of each key, and what the comment says of those that were set. What cannot be used any more is left out. */
export function settle(
  declared: readonly Declared[],
  overrides: readonly Override[],
): { values: Record<string, Scalar>; notices: string[] } {
  const values: Record<string, Scalar> = {};
  const set: string[] = [];
  const ignored: string[] = [];
  for (const each of declared) {
    const standard = readValue({ ...each, values: undefined }, each.default);
    const text = overrides.find(({ key }) => key === each.key)?.text;
    const wanted = text === undefined ? standard : readValue(each, text);
    if (text !== undefined) ("value" in wanted ? set : ignored).push(`${each.key}=${text}`);
    if ("value" in wanted) values[each.key] = wanted.value;
    else if ("value" in standard) values[each.key] = standard.value;
  }
  const gone = overrides.filter(({ key }) => !declared.some((each) => each.key === key));
  ignored.push(...gone.map(({ key, text }) => `${key}=${text}`));
  const notices = [
    ...(set.length > 0 ? [`Set by command: ${set.map(quote).join(", ")}.`] : []),
    ...(ignored.length > 0
      ? [`Set by command, and not what greenroom.yaml allows now: ${ignored.map(quote).join(", ")}.`]
      : []),
  ];
  return { values, notices };
}
