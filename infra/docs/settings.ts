import { z } from "zod";
import { settingsSchema } from "../../src/settings.ts";

/** The reference of the operator's settings, from their schema. */
export function settingsFiles(): Record<string, string> {
  const schema = z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" });
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    if (typeof property === "boolean") throw new Error(`${name} has no schema`);
    const { description = "", default: standard } = property;
    const required = schema.required?.includes(name) === true;
    const value =
      standard === undefined ? (required ? "required" : "—") : `\`${JSON.stringify(standard).replaceAll('"', "")}\``;
    return `| \`${name}\` | ${value} | ${description.replaceAll("|", "\\|")} |`;
  });
  const text = [
    "# Settings",
    "",
    "<!-- Generated from src/settings.ts by `npm run docs`. -->",
    "",
    "Greenroom's processes read their settings from the environment. For each `NAME`, a variable `NAME_FILE` may give the",
    "path of a file that holds the value instead, which is how secrets are meant to be given.",
    "",
    "| setting | default | what it is |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
  return { "docs/settings.md": text };
}
