import { z } from "zod";
import { configFiles, configSchema } from "../../src/project/config.ts";

type Schema = z.core.JSONSchema.JSONSchema;

const example = `chart:
  path: chart
  values:
    web:
      url: \${url.web}
images:
  - name: shop/web
    context: services/web
  - name: shop/api
    context: services/api
    args:
      COMMIT: \${sha}
expose:
  - name: web
    service: shop-web
    port: 80
`;

const variables = [
  ["`${pr.number}`", "Number of the pull request."],
  ["`${sha}`", "The commit that is deployed."],
  ["`${host.NAME}`, `${url.NAME}`", "Host name and URL of the service exposed as NAME."],
  [
    "`${image.NAME}`",
    "The image of that name, with registry and tag. Its last part is enough where no other image has it: `${image.web}` for `shop/web`. Images in containers are put in place without it.",
  ],
] as const;

/** The reference of greenroom.yaml and its JSON Schema, from the schema that reads it. */
export function configurationFiles(): Record<string, string> {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const published = {
    $schema: schema.$schema,
    title: "greenroom.yaml",
    description: "How Greenroom previews the pull requests of a repository.",
    ...schema,
  };
  return {
    "docs/configuration.md": reference(schema),
    "docs/greenroom.schema.json": `${formatted(published)}\n`,
  };
}

/** JSON as the formatter leaves it: short lists of texts on one line. */
function formatted(value: object): string {
  return JSON.stringify(value, null, 2).replace(/\[\s*("[^[\]{}]*")\s*\]/g, (_, items: string) => {
    return `[${items.replace(/,\s+/g, ", ")}]`;
  });
}

function reference(schema: Schema): string {
  return [
    "# greenroom.yaml",
    "",
    "<!-- Generated from src/project/config.ts by `npm run docs`. -->",
    "",
    `${configFiles.map((file) => `\`${file}\``).join(" or ")} says how a repository's pull requests are previewed. It is`,
    "optional, and so is everything in it: what it leaves out is looked for. Unknown keys and wrong types are errors, and",
    "the comment in the pull request shows them with their line. Editors check it with the",
    "[JSON Schema](greenroom.schema.json): `# yaml-language-server: $schema=…` as its first line.",
    "",
    "```yaml",
    example.trimEnd(),
    "```",
    "",
    ...Object.entries(schema.properties ?? {}).flatMap(([name, section]) => sectionLines(name, section)),
    "## Variables",
    "",
    "Texts in `chart.values` and `images[].args` may hold these, and nothing else is replaced. What comes out is a text",
    'always: `${pr.number}` alone becomes `"12"`, not the number. Where a text itself holds `${`, write `$${`.',
    "",
    "| variable | stands for |",
    "| --- | --- |",
    ...variables.map(([name, meaning]) => `| ${name} | ${meaning} |`),
    "",
    "Build arguments know no `${image.NAME}`. An image whose arguments hold `${sha}` or `${pr.number}` is built for each of",
    "them, since its content differs.",
    "",
  ].join("\n");
}

function sectionLines(name: string, section: Schema | boolean): string[] {
  const schema = asSchema(section);
  return [
    `## ${name}`,
    "",
    schema.description ?? "",
    "",
    "| key | type | default | what it is |",
    "| --- | --- | --- | --- |",
    ...rows(itemsOf(schema) ?? schema, schema.type === "array" ? `${name}[].` : `${name}.`),
    "",
  ];
}

function rows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const property = asSchema(value);
    const required = schema.required?.includes(key) === true;
    const standard = property.default === undefined ? (required ? "required" : "—") : `\`${shown(property.default)}\``;
    const item = itemsOf(property);
    const row = `| \`${prefix}${key}\` | ${typeOf(property)} | ${standard} | ${(property.description ?? "").replaceAll("|", "\\|")} |`;
    return item?.properties === undefined ? [row] : [row, ...rows(item, `${prefix}${key}[].`)];
  });
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function typeOf(schema: Schema): string {
  if (schema.type === "array") return "list";
  if (schema.type === "object") return "map";
  if (schema.type === "integer") return "whole number";
  return schema.type === "string" ? "text" : String(schema.type);
}

function itemsOf(schema: Schema): Schema | undefined {
  return schema.items === undefined || Array.isArray(schema.items) ? undefined : asSchema(schema.items);
}

function asSchema(value: Schema | boolean): Schema {
  if (typeof value === "boolean") throw new Error("a key of greenroom.yaml has no schema");
  return value;
}
