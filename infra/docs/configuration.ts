import { z } from "zod";
import { configFiles, configSchema } from "../../src/project/config.ts";

type Schema = z.core.JSONSchema.JSONSchema;

const example = `chart:
  path: chart
  values:
    logLevel: \${set.LOG_LEVEL}
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
previews:
  drafts: false
  paths:
    ignore: ["docs/**", "**/*.md"]
set:
  LOG_LEVEL:
    default: info
    values: [debug, info, warn]
    description: How much the services say.
`;

const policy = [
  "### Whose word counts",
  "",
  "- `previews` counts as the base branch has it now, for every pull request into it. When it changes, or a label, the",
  "  draft state or the base branch of a pull request does, previews that are not wanted any more are taken away.",
  "- The rest counts as the pull request itself has it, where its author may write to the repository. For forks, and for",
  "  whoever's commits have to be approved, the base branch's file is used instead of theirs.",
  "- `/preview deploy`, or approving the commit of a fork, gets a preview that `trigger`, `drafts`, `bots` or `paths` would",
  "  not make, and keeps it while the pull request is open. `labels` and `branches` hold whoever asks, and so does what the",
  "  operator forbids ([settings](settings.md): `GREENROOM_REPOSITORIES`, `GREENROOM_TRIGGER`).",
  "- Where the base branch has no greenroom.yaml, previews are made on request: by the label `preview`, by",
  "  `/preview deploy`, or by adding a greenroom.yaml on a branch of the repository.",
  "- Where `previews` cannot be read, they are made on request until it can.",
  "- More than 300 changed files count as a change that a preview is made for. A renamed file counts by both names.",
  "",
] as const;

const variables = [
  ["`${pr.number}`", "Number of the pull request."],
  ["`${sha}`", "The commit that is deployed."],
  ["`${host.NAME}`, `${url.NAME}`", "Host name and URL of the service exposed as NAME."],
  [
    "`${image.NAME}`",
    "The image of that name, with registry and tag. Its last part is enough where no other image has it: `${image.web}` for `shop/web`. Images in containers are put in place without it.",
  ],
  ["`${set.KEY}`", "What `/preview set` made of that key of `set`, or its default."],
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
    ...policy,
    "## Variables",
    "",
    "Texts in `chart.values` and `images[].args` may hold these, and nothing else is replaced. What comes out is a text",
    'always: `${pr.number}` alone becomes `"12"`, not the number; only `${set.KEY}` alone in `chart.values` is a number, or',
    "true or false, where its default is. Where a text itself holds `${`, write `$${`.",
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
    ...(valuesOf(schema) === undefined
      ? rows(itemsOf(schema) ?? schema, schema.type === "array" ? `${name}[].` : `${name}.`)
      : rows(valuesOf(schema) ?? schema, `${name}.KEY.`)),
    "",
  ];
}

function rows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const property = asSchema(value);
    const required = schema.required?.includes(key) === true;
    const standard = property.default === undefined ? (required ? "required" : "—") : `\`${shown(property.default)}\``;
    const item = property.type === "object" ? property : itemsOf(property);
    const prefixOf = property.type === "object" ? `${prefix}${key}.` : `${prefix}${key}[].`;
    const row = `| \`${prefix}${key}\` | ${typeOf(property)} | ${standard} | ${(property.description ?? "").replaceAll("|", "\\|")} |`;
    return item?.properties === undefined ? [row] : [row, ...rows(item, prefixOf)];
  });
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((each) => typeOf(asSchema(each))).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(", ");
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "array") return "list";
  if (schema.type === "object") return "map";
  if (schema.type === "integer") return "whole number";
  return schema.type === "string" ? "text" : String(schema.type);
}

function itemsOf(schema: Schema): Schema | undefined {
  return schema.items === undefined || Array.isArray(schema.items) ? undefined : asSchema(schema.items);
}

/** What a map has under each of its keys, where these are free. */
function valuesOf(schema: Schema): Schema | undefined {
  const { additionalProperties } = schema;
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

function asSchema(value: Schema | boolean): Schema {
  if (typeof value === "boolean") throw new Error("a key of greenroom.yaml has no schema");
  return value;
}
