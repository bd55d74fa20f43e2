import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { KubernetesObject, SourcedObject } from "../../src/objects/kubernetes-object.ts";
import { objectName } from "../../src/objects/kubernetes-object.ts";
import { allowedKinds } from "../../src/objects/kinds.ts";
import { at } from "../../src/objects/read.ts";
import type { DeployerAccess } from "../../src/ports/cluster.ts";
import { SupersededError } from "../../src/ports/records.ts";
import type { Releases, RenderRequest } from "../../src/ports/releases.ts";
import { FailureError, type Failure } from "../../src/preview/failure.ts";
import { type FakeKubernetes, type FakeNamespace, type FakeRelease, mayDeploy } from "./kubernetes.ts";

export type FakeReleasesOptions = {
  /** What an applied object becomes once its controllers have acted. Default: itself. */
  becomes?: (object: KubernetesObject) => KubernetesObject;
  /** Runs a hook; rejects with what its log says where it fails. Default: succeeds at once. */
  runHook?: (object: KubernetesObject, signal: AbortSignal) => Promise<void>;
};

const userFailure = (code: string, what: string, more: Partial<Failure> = {}) =>
  new FailureError({ kind: "user", code, what, remedy: "Correct it.", ...more });

const isHook = (object: KubernetesObject) => object.metadata.annotations?.["helm.sh/hook"] !== undefined;

/** Helm in memory: templates that only insert values, and releases of objects with their hooks. */
export function fakeReleases(kubernetes: FakeKubernetes, options: FakeReleasesOptions = {}): Releases {
  const authorised = (namespace: string, access: DeployerAccess): FakeNamespace => {
    const space = kubernetes.namespaces.get(namespace);
    // Without the namespace there is no binding in it either.
    if (space === undefined || !mayDeploy(kubernetes, namespace, access)) throw new SupersededError(access.user);
    return space;
  };

  return {
    async render(request, access, signal) {
      signal.throwIfAborted();
      authorised(request.namespace, access);
      return await renderTemplates(request);
    },

    async state(namespace, release, signal) {
      signal.throwIfAborted();
      const newest = kubernetes.namespaces.get(namespace)?.releases.get(release)?.at(-1);
      return newest === undefined ? undefined : { revision: newest.revision, status: newest.status };
    },

    async stored(namespace, release, revision, signal) {
      signal.throwIfAborted();
      const history = kubernetes.namespaces.get(namespace)?.releases.get(release);
      const found = history?.find((each) => each.revision === revision);
      return found?.objects.map((object) => ({ object, file: `revision ${revision}` }));
    },

    async release(namespace, release, objects, access, signal) {
      signal.throwIfAborted();
      const space = authorised(namespace, access);
      const history = space.releases.get(release) ?? [];
      space.releases.set(release, history);
      const last = history.at(-1);
      if (last?.status.startsWith("pending-") === true) last.status = "failed";
      const notices = objects.flatMap((object) => madeAnew(space.objects.get(objectName(object)), object));
      // What an interrupted hook still ran is gone before the next one starts.
      space.hooks.clear();

      const revision: FakeRelease = {
        revision: (last?.revision ?? 0) + 1,
        status: last === undefined ? "pending-install" : "pending-upgrade",
        objects,
      };
      history.push(revision);
      try {
        for (const object of objects) refuseUnknownKinds(object);
        for (const hook of objects.filter(isHook)) await runHook(space, hook, access, signal);
        const before = history.findLast(({ status }) => status === "deployed");
        apply(
          space,
          before?.objects ?? [],
          objects.filter((object) => !isHook(object)),
        );
        if (before !== undefined) before.status = "superseded";
        revision.status = "deployed";
        return { revision: revision.revision, notices };
      } catch (error) {
        if (revision.status.startsWith("pending-")) revision.status = "failed";
        throw error;
      }
    },

    async replacePod(namespace, { name, uid }, access, signal) {
      signal.throwIfAborted();
      const { objects } = authorised(namespace, access);
      if (objects.get(`Pod/${name}`)?.metadata["uid"] !== uid) return;
      objects.delete(`Pod/${name}`);
      kubernetes.changed();
    },
  };

  async function runHook(space: FakeNamespace, hook: KubernetesObject, access: DeployerAccess, signal: AbortSignal) {
    if (space.hooks.has(hook.metadata.name)) throw new Error(`two of the hook ${hook.metadata.name} run at once`);
    space.hooks.add(hook.metadata.name);
    try {
      await (options.runHook ?? runCommand)(hook, signal);
    } catch (error) {
      signal.throwIfAborted();
      const evidence = error instanceof Error ? error.message : String(error);
      throw userFailure("hook-failed", `The hook ${objectName(hook)} failed.`, { evidence });
    } finally {
      space.hooks.delete(hook.metadata.name);
    }
    authorised(space.name, access);
  }

  function apply(space: FakeNamespace, before: readonly KubernetesObject[], objects: readonly KubernetesObject[]) {
    const kept = new Set(objects.map(objectName));
    for (const name of before.map(objectName)) if (!kept.has(name)) space.objects.delete(name);
    const becomes = options.becomes ?? ((object: KubernetesObject) => object);
    for (const object of objects) space.objects.set(objectName(object), becomes(stillAsleep(space, object)));
    kubernetes.changed();
  }
}

/** A release does not wake what sleeps, unless it says itself how large that is to be. */
function stillAsleep(space: FakeNamespace, object: KubernetesObject): KubernetesObject {
  if (!space.asleep.has(objectName(object))) return object;
  const field = object.kind === "CronJob" ? "suspend" : "replicas";
  if (at(object, "spec", field) !== undefined) return object;
  const spec = { ...Object(at(object, "spec")), [field]: at(space.objects.get(objectName(object)), "spec", field) };
  return { ...object, spec };
}

/** As a shell in a hook's container would: `exit 3` fails after its `echo`, `sleep` lasts until it is stopped. */
async function runCommand(hook: KubernetesObject, signal: AbortSignal): Promise<void> {
  const containers = at(hook, "spec", "template", "spec", "containers");
  const command = Array.isArray(containers) ? at(containers[0], "command") : undefined;
  const script = Array.isArray(command) ? String(command.at(-1)) : "";
  if (script.startsWith("sleep")) {
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }
  if (script.includes("exit 3")) throw new Error(/echo ([^;]*)/.exec(script)?.[1] ?? "");
}

/** Says what Kubernetes would not change in place, and refuses a claim that it would have to make anew. */
function madeAnew(before: KubernetesObject | undefined, object: KubernetesObject): string[] {
  const fixed: Record<string, string[]> = {
    Deployment: ["selector"],
    StatefulSet: ["selector", "serviceName"],
    Job: ["template"],
    PersistentVolumeClaim: ["accessModes", "storageClassName"],
  };
  const isSame = (field: string) =>
    JSON.stringify(at(before, "spec", field)) === JSON.stringify(at(object, "spec", field));
  if (before === undefined || (fixed[object.kind] ?? []).every(isSame)) return [];
  if (object.kind === "PersistentVolumeClaim") throw userFailure("claim-changed", `${objectName(object)} changes.`);
  return [`${objectName(object)} was made anew${object.kind === "StatefulSet" ? "; its data were kept" : ""}.`];
}

function refuseUnknownKinds(object: KubernetesObject): void {
  if (allowedKinds.some(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind)) return;
  throw userFailure("object-forbidden", `\`${objectName(object)}\` is not allowed in previews.`);
}

async function read(path: string): Promise<unknown> {
  return parse(await readFile(path, "utf8"));
}

async function renderTemplates(request: RenderRequest): Promise<SourcedObject[]> {
  const chart = join(request.checkout, request.chart);
  const about = await read(join(chart, "Chart.yaml"));
  const missing = at(about, "dependencies");
  if (Array.isArray(missing)) {
    throw userFailure(
      "chart-dependency-missing",
      `Missing: ${missing.map((each) => String(at(each, "name"))).join(", ")}.`,
    );
  }
  const files = [join(chart, "values.yaml"), ...request.valueFiles.map((file) => join(request.checkout, file))];
  const sources = await Promise.all(files.map((file) => read(file).catch(() => ({}))));
  const values = [...sources, request.values];
  const templates = await readdir(join(chart, "templates"));
  const rendered = await Promise.all(
    templates.toSorted().map(async (name) => {
      const file = join(request.chart, "templates", name);
      const text = await readFile(join(chart, "templates", name), "utf8");
      return documents(insert(text, file, values, request), file);
    }),
  );
  return rendered.flat();
}

function insert(text: string, file: string, values: unknown[], request: RenderRequest): string {
  const lines = text.split("\n").map((line, index) =>
    line.replaceAll(/\{\{ \.(\w+)\.([\w.]+) \}\}/g, (_, root: string, path: string) => {
      const keys = path.split(".");
      if (root === "Release") {
        const release: Record<string, unknown> = {
          Name: request.release,
          Namespace: request.namespace,
          IsUpgrade: request.isUpgrade,
        };
        return String(release[keys[0] ?? ""]);
      }
      const parents = keys.slice(0, -1);
      if (!values.some((each) => at(each, ...parents) !== undefined)) {
        const where = { file, line: index + 1 };
        throw userFailure("chart-not-rendered", "The chart does not render.", { where, evidence: "nil pointer" });
      }
      const value = values.map((each) => at(each, ...keys)).findLast((each) => each !== undefined);
      return typeof value === "string" ? value : JSON.stringify(value ?? "");
    }),
  );
  return lines.join("\n");
}

function documents(text: string, file: string): SourcedObject[] {
  const parsed = parseAllDocuments(text);
  const objects: SourcedObject[] = [];
  for (const document of "empty" in parsed ? [] : parsed) {
    const value: unknown = document.toJS();
    const [apiVersion, kind, name] = [at(value, "apiVersion"), at(value, "kind"), at(value, "metadata", "name")];
    if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string") continue;
    const object: KubernetesObject = {
      ...Object(value),
      apiVersion,
      kind,
      metadata: { ...Object(at(value, "metadata")), name },
    };
    objects.push({ object, file });
  }
  return objects;
}
