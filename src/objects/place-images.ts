import type { Failure, Result } from "../preview/failure.ts";
import { flatten } from "./flatten.ts";
import { parseImageName } from "./image-name.ts";
import { objectName, type SourcedObject } from "./kubernetes-object.ts";
import { parsePath, type Place, places, replaceAt } from "./path.ts";
import { containersOf, podTemplate } from "./pod-template.ts";
import { isMap, textOf } from "./read.ts";
import { count, enumerate, nearest, quote } from "./words.ts";

/** An image that was built (or reused): its name in the configuration and `repository:tag@sha256:…`. */
export type BuiltImage = { name: string; reference: string };

/** Where else than in containers an image's name stands, as Tilt's `k8s_kind(…, image_json_path=…)` says it. */
export type ImagePath = { kind: string; path: string };

export type PlacementRules = { imagePaths: readonly ImagePath[] };

/** One place that got a built image. `container` is the name of the container, or the configured path. */
export type PlacedImage = { image: string; object: string; container: string };

export type Placement = {
  objects: SourcedObject[];
  placed: PlacedImage[];
  /** Names of built images that nothing runs. */
  unused: string[];
  /** For the comment: one sentence per unused image. */
  notices: string[];
};

/**
 * Puts the built images where objects name them, by Tilt's rules: names are compared without tag, digest, registry host
 * and `docker.io/library/`, in the containers and init containers of everything that makes pods and at the configured
 * paths. Fails where none of the images is used, since such a preview would show nothing of the pull request.
 */
export function placeImages(
  objects: readonly SourcedObject[],
  built: readonly BuiltImage[],
  rules: PlacementRules,
): Result<Placement> {
  const broken = rules.imagePaths.find(({ path }) => parsePath(path) === undefined);
  if (broken !== undefined) return { ok: false, failure: invalidPath(broken) };

  const copies = structuredClone(flatten(objects));
  const placed: PlacedImage[] = [];
  const left = new Set<string>();
  for (const { object } of copies) {
    for (const spot of spotsOf(object, rules)) {
      const image = match(spot.reference, built);
      if (image === undefined) {
        left.add(spot.reference);
        continue;
      }
      spot.put(image.reference);
      placed.push({ image: image.name, object: objectName(object), container: spot.container });
    }
  }

  const unused = built.map(({ name }) => name).filter((name) => !placed.some(({ image }) => image === name));
  if (built.length > 0 && placed.length === 0) return { ok: false, failure: nothingPlaced(unused, [...left]) };
  return {
    ok: true,
    value: { objects: copies, placed, unused, notices: unused.map((name) => unusedNotice(name, left)) },
  };
}

/** One place of an object that names an image. */
type Spot = { container: string; reference: string; put(reference: string): void };

function spotsOf(object: SourcedObject["object"], rules: PlacementRules): Spot[] {
  const template = podTemplate(object);
  const inContainers = (template === undefined ? [] : containersOf(template)).flatMap(({ container, name }): Spot[] => {
    const reference = textOf(container.image);
    if (reference === undefined) return [];
    const put = (image: string) => {
      container.image = image;
      // A digest never changes what it names, so asking the registry again at each start gains nothing; and a policy of
      // Never is about images that somebody loaded into the node, which nobody did with this one.
      if (container.imagePullPolicy !== undefined) container.imagePullPolicy = "IfNotPresent";
    };
    return [{ container: name, reference, put }];
  });
  const atPaths = rules.imagePaths
    .filter(({ kind }) => kind === object.kind)
    .flatMap(({ path }) => places(object, parsePath(path) ?? []))
    .flatMap((place) => spotAt(place));
  return [...inContainers, ...atPaths];
}

/** An image at a configured path: a text, or an object of `repository` and `tag`. */
function spotAt(place: Place): Spot[] {
  const reference = textOf(place.value);
  if (reference !== undefined) {
    return [{ container: place.path, reference, put: (image) => replaceAt(place, image) }];
  }
  const repository = isMap(place.value) ? textOf(place.value.repository) : undefined;
  if (repository === undefined) return [];
  const put = (image: string) => replaceAt(place, { ...withoutTag(place.value), ...split(image) });
  return [{ container: place.path, reference: repository, put }];
}

function withoutTag(value: unknown): Record<string, unknown> {
  const { tag: _, ...rest } = isMap(value) ? value : {};
  return rest;
}

/** Whoever reads `repository` and `tag` joins them with a colon; `repo:tag` and `sha256:…` would not survive that. */
function split(reference: string): { repository: string; tag: string } {
  const slash = reference.lastIndexOf("/");
  const colon = reference.indexOf(":", slash);
  return colon === -1
    ? { repository: reference, tag: "latest" }
    : { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

function match(reference: string, built: readonly BuiltImage[]): BuiltImage | undefined {
  // A chart that takes the reference from its values (`${image.<name>}`) has it already, but for the digest.
  const exact = built.find((image) => image.reference === reference || image.reference.startsWith(`${reference}@`));
  if (exact !== undefined) return exact;
  const wanted = parseImageName(reference);
  if (wanted === undefined) return undefined;
  const candidates = built.filter(({ name }) => parseImageName(name)?.path === wanted.path);
  return candidates.find(({ name }) => parseImageName(name)?.host === wanted.host) ?? candidates[0];
}

function near(name: string, references: Iterable<string>): string[] {
  const names = [...references].flatMap((reference) => parseImageName(reference)?.path ?? []);
  return nearest(parseImageName(name)?.path ?? name, names);
}

function unusedNotice(name: string, left: Iterable<string>): string {
  const suggestions = near(name, left).map(quote);
  const hint = suggestions.length === 0 ? "" : ` Did you mean ${enumerate(suggestions)}, which the objects name?`;
  return `Image ${quote(name)} was built, but no container uses it.${hint}`;
}

function nothingPlaced(unused: readonly string[], left: readonly string[]): Failure {
  const suggestions = [...new Set(unused.flatMap((name) => near(name, left)))];
  const names =
    suggestions.length > 0 ? suggestions : left.map((reference) => parseImageName(reference)?.path ?? reference);
  return {
    kind: "user",
    code: "image-not-used",
    what: `${count(unused.length, "image")} (${enumerate(unused.map(quote))}) ${unused.length === 1 ? "was" : "were"} built, but no container uses ${unused.length === 1 ? "it" : "any of them"}.`,
    remedy:
      names.length === 0
        ? "The objects have no container with an image. Check that the chart's values switch the workloads on."
        : `The objects name ${enumerate([...new Set(names)].map(quote))}. Give the image the same name in greenroom.yaml, or use \`\${image.<name>}\` in the chart's values.`,
  };
}

function invalidPath({ kind, path }: ImagePath): Failure {
  return {
    kind: "user",
    code: "image-path-invalid",
    what: `${quote(path)} is not a path to an image in ${quote(kind)}.`,
    remedy: "Write it as keys and lists, for example `spec.image` or `{.spec.workers[*].image}`.",
  };
}
