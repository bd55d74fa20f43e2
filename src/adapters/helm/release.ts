import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import type { DeployerAccess } from "../../ports/cluster.ts";
import { FailureError } from "../../preview/failure.ts";
import { ProgramError, runProgram } from "../run-program.ts";
import { writePlugin } from "./plugin.ts";

export type ReleaseOptions = {
  /** Absolute path of Helm 4. */
  helm: string;
  /** Longest that all hooks of a release may take together. */
  timeoutSeconds: number;
};

export type HelmResult = { ok: true; revision: number } | { ok: false; stderr: string };

/** How long Helm may take to write down that it was interrupted. */
const graceMs = 30_000;
const maxOutputBytes = 32 * 1024 * 1024;
const historyMax = 10;

const upgradeAnswer = z.looseObject({ version: z.int().positive() });

/** JSON is YAML; one document for each object. */
export function manifest(objects: readonly KubernetesObject[]): string {
  // Helm takes an answer without any object for a mistake; a List without items is one, and makes nothing.
  if (objects.length === 0) return JSON.stringify({ apiVersion: "v1", kind: "List", items: [] });
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
}

/**
 * Runs Helm on a chart without templates, whose post-renderer answers the objects: so Helm stores them once and
 * registers their hooks, and no template of the pull request's is executed with this process' rights.
 */
export async function upgradeRelease(
  options: ReleaseOptions,
  namespace: string,
  release: string,
  objects: readonly KubernetesObject[],
  access: DeployerAccess,
  signal: AbortSignal,
): Promise<HelmResult> {
  const folder = await mkdtemp(join(tmpdir(), "greenroom-release-"));
  try {
    const [chart, plugins, file] = [join(folder, "chart"), join(folder, "plugins"), join(folder, "objects.yaml")];
    await mkdir(chart);
    await Promise.all([
      writeFile(join(chart, "Chart.yaml"), JSON.stringify({ apiVersion: "v2", name: "preview", version: "0.1.0" })),
      writeFile(file, manifest(objects), { mode: 0o600 }),
      writePlugin(plugins, "objects", "cat"),
    ]);
    const args = [
      ["upgrade", release, chart, "--install", "--namespace", namespace, "--kubeconfig", access.kubeconfig],
      ["--server-side=true", "--force-conflicts", "--take-ownership", "--wait=hookOnly"],
      ["--timeout", `${options.timeoutSeconds}s`, "--history-max", String(historyMax), "--output", "json"],
      ["--post-renderer", "objects", "--post-renderer-args", file],
    ].flat();
    const result = await runProgram(options.helm, args, {
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder, HELM_PLUGINS: plugins },
      cwd: folder,
      signal,
      deadlineMs: options.timeoutSeconds * 1_000 + graceMs,
      graceMs,
      maxOutputBytes,
    });
    // Ended by somebody's signal, such as for want of memory; what it began is repaired by the next one.
    if (result.code >= 128) throw new ProgramError("deadline", `Helm was killed (${result.code})`, result.stderr);
    if (result.code !== 0) return { ok: false, stderr: result.stderr };
    return { ok: true, revision: upgradeAnswer.parse(JSON.parse(result.stdout)).version };
  } catch (thrown) {
    throw programFailure(thrown);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function programFailure(thrown: unknown): unknown {
  if (!(thrown instanceof ProgramError)) return thrown;
  if (thrown.reason === "missing") {
    return new FailureError(
      {
        kind: "operator",
        code: "helm-missing",
        what: "Helm is not installed where the worker runs.",
        remedy: "Install Helm 4 and say where it is with GREENROOM_HELM.",
        evidence: thrown.message,
      },
      { cause: thrown },
    );
  }
  return new FailureError(
    {
      kind: "transient",
      code: "helm-interrupted",
      what: "Helm did not come to its end and was stopped.",
      remedy: "It is tried again by itself.",
      evidence: `${thrown.message}\n${thrown.stderr}`,
    },
    { cause: thrown },
  );
}
