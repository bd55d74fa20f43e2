import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import type { SourcedObject } from "../../objects/kubernetes-object.ts";
import { at, isMap, textOf } from "../../objects/read.ts";
import { FailureError } from "../../preview/failure.ts";

/** Helm puts the template's path there while a post-renderer has the objects. */
const sourceAnnotation = "postrenderer.helm.sh/postrender-filename";

/** YAML 1.1 as Kubernetes reads it: with its booleans and octal numbers, without its times of day, dates and sets. */
const kubernetesTags = new Set(["tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"]);
const otherTags = new Set([
  "tag:yaml.org,2002:float",
  "tag:yaml.org,2002:map",
  "tag:yaml.org,2002:seq",
  "tag:yaml.org,2002:str",
]);

/** `shop/templates/web.yaml` of the chart in `deploy/chart` is `deploy/chart/templates/web.yaml`. */
export function templateFile(chart: string, source: string): string {
  const inChart = posix.normalize(source.split("/").slice(1).join("/"));
  return inChart.startsWith("..") ? chart : posix.join(chart, inChart);
}

function refused(file: string, what: string, evidence?: string): FailureError {
  return new FailureError({
    kind: "user",
    code: "chart-not-rendered",
    what: `The chart's template \`${file}\` ${what}.`,
    where: { file },
    remedy: "Correct the template, or its values.",
    ...(evidence === undefined ? {} : { evidence }),
  });
}

function withoutSource(metadata: Record<string, unknown>): Record<string, unknown> {
  const annotations = isMap(metadata["annotations"]) ? { ...metadata["annotations"] } : {};
  delete annotations[sourceAnnotation];
  const { annotations: _, ...rest } = metadata;
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations };
}

/** The objects of a rendered chart, hooks and tests included, each with the file of the repository it comes from. */
export function parseRendered(text: string, chart: string): SourcedObject[] {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    uniqueKeys: false,
    customTags: (tags) =>
      tags.filter((tag) => {
        if (typeof tag === "string") return kubernetesTags.has(tag) || otherTags.has(tag);
        return (kubernetesTags.has(tag.tag) || otherTags.has(tag.tag)) && !("format" in tag && tag.format === "TIME");
      }),
  });
  if ("empty" in documents) return [];
  const objects: SourcedObject[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) throw refused(chart, "renders something that is not YAML", error.message);
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (thrown) {
      throw refused(chart, "renders too many YAML aliases", String(thrown));
    }
    if (value === null) continue;
    const source = textOf(at(value, "metadata", "annotations", sourceAnnotation));
    const file = source === undefined ? chart : templateFile(chart, source);
    const { apiVersion, kind, metadata } = isMap(value) ? value : {};
    const name = textOf(at(metadata, "name"));
    if (!isMap(value) || typeof apiVersion !== "string" || typeof kind !== "string" || !isMap(metadata)) {
      throw refused(file, "renders something that has no `apiVersion` or `kind`");
    }
    if (name === undefined && !Array.isArray(value["items"])) {
      throw refused(file, `renders a ${kind} that has no \`metadata.name\``);
    }
    objects.push({
      object: { ...value, apiVersion, kind, metadata: { ...withoutSource(metadata), name: name ?? "" } },
      file,
    });
  }
  return objects;
}
