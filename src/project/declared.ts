import { quote } from "../objects/words.ts";
import { type Declared, readValue } from "../policy/declared.ts";
import type { SetConfig } from "./config-set.ts";
import { type LineOf, pathText, type Problem } from "./parse-config.ts";

/** What comments may set, as the record and the commands know it. */
export function declaredIn(config: SetConfig | undefined): Declared[] {
  return Object.entries(config ?? {}).map(([key, { default: standard, values }]) => {
    const type = typeof standard === "number" ? "number" : typeof standard === "boolean" ? "boolean" : "string";
    return { key, type, default: String(standard), ...(values !== undefined && { values: values.map(String) }) };
  });
}

/** Defaults that their own key could not be set to. */
export function setProblems(config: SetConfig | undefined, lineOf: LineOf): Problem[] {
  return declaredIn(config).flatMap((each) => {
    const at = ["set", each.key, "default"];
    const read = readValue(each, each.default);
    return "problem" in read ? [{ line: lineOf(at), text: `${quote(pathText(at))} ${read.problem}` }] : [];
  });
}
