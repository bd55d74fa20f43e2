import { posix } from "node:path";
import { parseDocument } from "yaml";
import { isBelow } from "./paths.ts";

/** Folders in which a chart is looked for, the first level with any wins. `*` is any one folder. */
export const chartPlaces = [
  ".",
  "chart",
  "charts/*",
  "helm",
  "helm/*",
  "deploy",
  "deploy/chart",
  "deploy/helm",
  "deploy/*",
];

/** Folders whose Dockerfiles are not the repository's own services. */
const foreignFolders =
  /^(node_modules|vendor|third_party|\.devcontainer|\.github|examples?|tests?|testdata|e2e|fixtures|docs)$/i;

const deepestDockerfile = 3;

/** Folders with a Chart.yaml, at the first of the places that has any. */
export function findCharts(paths: readonly string[]): string[] {
  const folders = paths.filter((path) => posix.basename(path) === "Chart.yaml").map((path) => posix.dirname(path));
  for (const place of chartPlaces) {
    const pattern = new RegExp(`^${place.replaceAll(".", "\\.").replace("*", "[^/]+")}$`);
    const found = folders.filter((folder) => pattern.test(folder));
    if (found.length > 0) return found;
  }
  return [];
}

/** Folders with a Dockerfile, at most a few levels deep, outside of the chart and of folders that are not services. */
export function findDockerfiles(paths: readonly string[], chart: string | undefined): string[] {
  return paths
    .filter((path) => posix.basename(path) === "Dockerfile")
    .map((path) => posix.dirname(path))
    .filter((folder) => {
      const parts = folder === "." ? [] : folder.split("/");
      const inChart = chart !== undefined && chart !== "." && isBelow(folder, chart);
      return parts.length <= deepestDockerfile && !inChart && !parts.some((part) => foreignFolders.test(part));
    });
}

/** Names of images in a chart's values.yaml: texts at keys that end in `image` or `repository`. */
export function imageNamesIn(values: string): string[] {
  const names: string[] = [];
  const walk = (value: unknown, key: string): void => {
    if (typeof value === "string" && /(image|repository)$/i.test(key)) names.push(value);
    else if (typeof value === "object" && value !== null) {
      for (const [inner, each] of Object.entries(value)) walk(each, inner);
    }
  };
  const document = parseDocument(values, { prettyErrors: false });
  if (document.errors.length > 0) return [];
  try {
    walk(document.toJS({ maxAliasCount: 100 }), "");
  } catch {
    return [];
  }
  // Without registry, tag and digest, as a configuration names images.
  return names.map((name) =>
    name
      .replace(/@.*$/, "")
      .replace(/:[^/]*$/, "")
      .replace(/^[^/]*[.:][^/]*\//, ""),
  );
}

/** Name for the image of a folder: what the chart calls it, else the folder's own name. */
export function guessImageName(folder: string, inChart: readonly string[], fallback: string): string {
  const own = slugged(folder === "." ? fallback : posix.basename(folder));
  return (
    inChart.find((name) => lastPart(name) === own) ??
    inChart.find((name) => lastPart(name).endsWith(`-${own}`) || lastPart(name).endsWith(`_${own}`)) ??
    own
  );
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function slugged(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "app" : plain;
}

/** `name` of a Chart.yaml. */
export function chartName(text: string): string | undefined {
  return text.match(/^name:\s*["']?([A-Za-z0-9._-]+)/m)?.[1];
}
