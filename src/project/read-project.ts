import { posix } from "node:path";
import { enumerate, nearest, quote } from "../objects/words.ts";
import type { Checkout } from "../ports/checkouts.ts";
import type { Failure, Result } from "../preview/failure.ts";
import { type Config, configFiles, configSchema } from "./config.ts";
import { declaredIn, setProblems } from "./declared.ts";
import { chartName, chartPlaces, findCharts, findDockerfiles, guessImageName, imageNamesIn } from "./detect.ts";
import { exposedPort } from "./dockerfile.ts";
import { knownVariables, texts, variableProblems } from "./interpolate.ts";
import { configFailure, type LineOf, parseConfig, pathText, type Problem } from "./parse-config.ts";
import { resolveInside } from "./paths.ts";
import { defaultServiceName, type Project, type ProjectImage, type ProjectSource } from "./project.ts";

/** The only file system that reading a project needs. */
export type ProjectFiles = Pick<Checkout, "entries" | "readText">;

/** Where the configuration was read from; without one everything is looked for. */
type Configured = { file: string | undefined; config: Config; lineOf: LineOf };

/** Reads what a repository brings: from its greenroom.yaml as far as that says it, and for the rest from its files. */
export async function readProject(files: ProjectFiles): Promise<Result<Project>> {
  const read = await readConfig(files);
  if (!read.ok) return read;
  const { file, config, lineOf } = read.value;
  const paths = files.entries.map((entry) => entry.path);
  if (file !== undefined) {
    const problems = [...pathProblems(config, lineOf, paths), ...setProblems(config.set, lineOf)];
    if (problems.length > 0) return configFailure(file, problems);
  }

  const notices = file === undefined ? [] : unreadConfigs(paths, file);
  const found = await findSource(files, paths, config);
  if (!found.ok) return found;
  const { source, images } = found.value;
  const expose =
    config.expose ??
    (source.kind === "dockerfile" ? [{ name: defaultServiceName, service: source.release, port: 80 }] : []);
  if (images.length === 0) {
    notices.push("No image is built: there is no `images:` in greenroom.yaml, and no folder with a Dockerfile.");
  } else if (config.images === undefined) {
    notices.push(`Found without configuration: ${enumerate(images.map((image) => quote(image.dockerfile)))}.`);
  }
  if (file !== undefined) {
    const problems = allVariableProblems(
      config,
      images,
      expose.map(({ name }) => name),
      lineOf,
    );
    if (problems.length > 0) return configFailure(file, problems);
  }
  const imagePaths = config.chart?.imagePaths ?? [];
  const project = { source, images, imagePaths, expose, declared: declaredIn(config.set), notices };
  return { ok: true, value: file === undefined ? project : { configFile: file, ...project } };
}

async function readConfig(files: ProjectFiles): Promise<Result<Configured>> {
  for (const file of configFiles) {
    // oxlint-disable-next-line no-await-in-loop -- the second is read only where the first is missing
    const text = await files.readText(file);
    if (text === undefined) continue;
    const parsed = parseConfig(text, file);
    return parsed.ok ? { ok: true, value: { file, ...parsed.value } } : parsed;
  }
  return { ok: true, value: { file: undefined, config: configSchema.parse({}), lineOf: () => undefined } };
}

function unreadConfigs(paths: readonly string[], read: string): string[] {
  const others = [...configFiles, "greenroom.yml", ".github/greenroom.yml"].filter((path) => path !== read);
  return others
    .filter((path) => paths.includes(path))
    .map((path) => `\`${path}\` is not read, since there is \`${read}\`.`);
}

/** Paths in the configuration that lead to nothing. */
function pathProblems(config: Config, lineOf: LineOf, paths: readonly string[]): Problem[] {
  const all = new Set(paths);
  const missing = (at: PropertyKey[], path: string, what: string, candidates: readonly string[]): Problem => {
    const [near] = nearest(path, candidates);
    return {
      line: lineOf(at),
      text: `${quote(pathText(at))} is ${quote(path)}, and there is no ${what}${near === undefined ? "" : `; did you mean ${quote(near)}?`}`,
      suggestion: "Paths are from the repository's root, and a Dockerfile's from its context.",
    };
  };
  const foldersOf = (name: string) =>
    paths.filter((path) => posix.basename(path) === name).map((path) => posix.dirname(path));

  const problems: Problem[] = [];
  if (config.chart !== undefined) {
    const folder = resolveInside(config.chart.path) ?? "";
    if (!all.has(posix.join(folder, "Chart.yaml"))) {
      problems.push(missing(["chart", "path"], config.chart.path, "Chart.yaml in it", foldersOf("Chart.yaml")));
    }
    for (const [index, file] of config.chart.valueFiles.entries()) {
      if (all.has(resolveInside(file) ?? "")) continue;
      const yamlFiles = paths.filter((path) => /\.ya?ml$/.test(path));
      problems.push(missing(["chart", "valueFiles", index], file, "such file", yamlFiles));
    }
  }
  const names = (config.images ?? []).map((image) => image.name);
  for (const [index, image] of (config.images ?? []).entries()) {
    if (names.indexOf(image.name) !== index) {
      problems.push({ line: lineOf(["images", index, "name"]), text: `the image ${quote(image.name)} is there twice` });
    }
    const dockerfile = resolveInside(image.dockerfile, resolveInside(image.context) ?? "");
    if (dockerfile === undefined) {
      const at = ["images", index, "dockerfile"];
      problems.push({ line: lineOf(at), text: `${quote(pathText(at))} must be a path inside the repository` });
    } else if (!all.has(dockerfile)) {
      const at = ["images", index, image.dockerfile === "Dockerfile" ? "context" : "dockerfile"];
      const shown = image.dockerfile === "Dockerfile" ? image.context : image.dockerfile;
      problems.push(missing(at, shown, `Dockerfile at ${quote(dockerfile)}`, foldersOf("Dockerfile")));
    }
  }
  const services = (config.expose ?? []).map((each) => each.name);
  for (const [index, name] of services.entries()) {
    if (services.indexOf(name) === index) continue;
    problems.push({ line: lineOf(["expose", index, "name"]), text: `${quote(name)} is exposed twice` });
  }
  return problems;
}

function allVariableProblems(
  config: Config,
  images: readonly ProjectImage[],
  exposed: readonly string[],
  lineOf: LineOf,
): Problem[] {
  const services = exposed.length === 0 ? [defaultServiceName] : exposed;
  const keys = Object.keys(config.set ?? {});
  const names = images.map((image) => image.name);
  const inValues = knownVariables(services, names, keys);
  const inArgs = knownVariables(services, [], keys);
  const problemsIn = (value: unknown, at: PropertyKey[], known: readonly string[]) =>
    texts(value, at).flatMap(({ path, text }) =>
      variableProblems(text, known).map((problem) => ({ ...problem, line: lineOf(path) })),
    );
  return [
    ...problemsIn(config.chart?.values, ["chart", "values"], inValues),
    ...(config.images ?? []).flatMap((image, index) => problemsIn(image.args, ["images", index, "args"], inArgs)),
  ];
}

type Found = { source: ProjectSource; images: ProjectImage[] };

async function findSource(files: ProjectFiles, paths: readonly string[], config: Config): Promise<Result<Found>> {
  const charts = config.chart === undefined ? findCharts(paths) : [resolveInside(config.chart.path) ?? "."];
  const [chart] = charts;
  if (charts.length > 1) return { ok: false, failure: severalCharts(charts) };
  if (chart === undefined) return fromDockerfile(files, paths, config);
  const configured = config.chart ?? configSchema.parse({ chart: { path: chart } }).chart;
  const source: ProjectSource = {
    kind: "chart",
    chart,
    release: configured?.release ?? "preview",
    valueFiles: (configured?.valueFiles ?? []).map((file) => resolveInside(file) ?? file),
    values: configured?.values ?? {},
  };
  return {
    ok: true,
    value: { source, images: config.images?.map(configuredImage) ?? (await guessImages(files, paths, chart)) },
  };
}

function configuredImage(image: NonNullable<Config["images"]>[number]): ProjectImage {
  const context = resolveInside(image.context) ?? image.context;
  return {
    name: image.name,
    context,
    dockerfile: resolveInside(image.dockerfile, context) ?? image.dockerfile,
    ...(image.target === undefined ? {} : { target: image.target }),
    args: image.args,
  };
}

async function guessImages(files: ProjectFiles, paths: readonly string[], chart: string): Promise<ProjectImage[]> {
  const inChart = imageNamesIn((await files.readText(posix.join(chart, "values.yaml"))) ?? "");
  const fallback = chartName((await files.readText(posix.join(chart, "Chart.yaml"))) ?? "") ?? "app";
  const images = findDockerfiles(paths, chart).map((folder) =>
    guessedImage(folder, guessImageName(folder, inChart, fallback)),
  );
  // Two folders of one name are two images, so the later one goes by its whole path.
  return images.map((image, index) =>
    images.findIndex((other) => other.name === image.name) === index
      ? image
      : { ...image, name: guessImageName(image.context.replaceAll("/", "-"), [], fallback) },
  );
}

function guessedImage(folder: string, name: string): ProjectImage {
  return { name, context: folder, dockerfile: posix.join(folder, "Dockerfile"), args: {} };
}

/** Without a chart one image can still run, by Greenroom's own chart. */
async function fromDockerfile(files: ProjectFiles, paths: readonly string[], config: Config): Promise<Result<Found>> {
  const images =
    config.images?.map(configuredImage) ??
    findDockerfiles(paths, undefined).map((folder) => guessedImage(folder, "app"));
  const [image] = images;
  if (image === undefined) return { ok: false, failure: nothingToDeploy() };
  if (images.length > 1) return { ok: false, failure: severalDockerfiles(images) };
  const [exposed] = config.expose ?? [];
  const release = exposed?.service ?? "preview";
  const source: ProjectSource = {
    kind: "dockerfile",
    chart: "preview",
    release,
    valueFiles: [],
    values: {
      image: image.name,
      containerPort: exposedPort((await files.readText(image.dockerfile)) ?? "", image.target),
      servicePort: exposed?.port ?? 80,
    },
  };
  return { ok: true, value: { source, images: [image] } };
}

function nothingToDeploy(): Failure {
  return {
    kind: "user",
    code: "nothing-to-deploy",
    what: `There is nothing to deploy: no chart (a Chart.yaml in ${enumerate(chartPlaces.map(quote), 20)}) and no Dockerfile.`,
    remedy: "Add a Dockerfile or a Helm chart, or say where they are: `chart.path` and `images` in greenroom.yaml.",
  };
}

function severalCharts(charts: readonly string[]): Failure {
  return {
    kind: "user",
    code: "several-charts",
    what: `There are several charts: ${enumerate(charts.map(quote))}.`,
    remedy: "Say which one is the preview's: `chart.path` in greenroom.yaml.",
  };
}

function severalDockerfiles(images: readonly ProjectImage[]): Failure {
  return {
    kind: "user",
    code: "chart-missing",
    what: `There are several Dockerfiles (${enumerate(images.map((image) => quote(image.dockerfile)))}) and no chart that says how they run together.`,
    remedy: "Add a Helm chart, or name the only image that is needed under `images:` in greenroom.yaml.",
  };
}
