import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { SourcedObject } from "../../objects/kubernetes-object.ts";
import type { DeployerAccess } from "../../ports/cluster.ts";
import type { RenderRequest } from "../../ports/releases.ts";
import { FailureError } from "../../preview/failure.ts";
import { ProgramError, runProgram } from "../run-program.ts";
import { writePlugin } from "./plugin.ts";
import { renderFailure, tooCostly } from "./render-failure.ts";
import { parseRendered } from "./render-output.ts";
import { sandboxed, seenAs } from "./sandbox.ts";
import type { Mount, SandboxKind } from "./sandbox.ts";

export type RenderOptions = {
  /** Absolute path of Helm 4. */
  helm: string;
  sandbox: SandboxKind;
};

const mebibyte = 1024 * 1024;
const limits = { memoryBytes: 1024 * mebibyte, cpuSeconds: 20, fileBytes: 4 * mebibyte };
const deadlineMs = 60_000;

/** A path of the request as one below the checkout; nothing outside of it and no URL gets through. */
function inCheckout(checkout: string, path: string): string {
  const below = relative(checkout, resolve(checkout, path));
  if (!below.startsWith("..") && !isAbsolute(below)) return below;
  throw new FailureError({
    kind: "user",
    code: "path-outside-checkout",
    what: `The path \`${path}\` is not inside the repository.`,
    remedy: "Give a path relative to the repository's root.",
  });
}

/**
 * Renders a chart as the attempt's account. A post-renderer takes Helm's output away before Helm asks the cluster
 * about each object: so kinds that the account may not even look at, and that are left out or refused later with a
 * better explanation, do not end it here.
 */
export async function renderChart(
  options: RenderOptions,
  request: RenderRequest,
  access: DeployerAccess,
  signal: AbortSignal,
): Promise<SourcedObject[]> {
  const chart = inCheckout(request.checkout, request.chart);
  const folder = await mkdtemp(join(tmpdir(), "greenroom-render-"));
  try {
    const our = (name: string, writable = false): Mount => ({
      host: join(folder, name),
      inside: `/greenroom/${name}`,
      writable,
    });
    const [plugins, values, output] = [our("plugins"), our("values.json"), our("output", true)];
    const checkout: Mount = { host: request.checkout, inside: "/checkout" };
    const kubeconfig: Mount = { host: access.kubeconfig, inside: "/greenroom/kubeconfig" };
    const seen = (mount: Mount) => seenAs(options.sandbox, mount);
    await Promise.all([
      writePlugin(plugins.host, "capture", "dd"),
      writeFile(values.host, JSON.stringify(request.values)),
      mkdir(output.host),
    ]);

    const files = request.valueFiles.map((file) => join(seen(checkout), inCheckout(request.checkout, file)));
    const args = [
      ["template", request.release, join(seen(checkout), chart), "--dry-run=server", "--skip-crds"],
      ["--namespace", request.namespace, "--kubeconfig", seen(kubeconfig)],
      [...files, seen(values)].flatMap((file) => ["--values", file]),
      request.isUpgrade ? ["--is-upgrade"] : [],
      ["--post-renderer", "capture", "--post-renderer-args", `of=${join(seen(output), "manifests")}`],
      ["--post-renderer-args", "status=none"],
    ].flat();
    const env = { GOMEMLIMIT: "700MiB", HELM_PLUGINS: seen(plugins) };
    const mounts = [checkout, kubeconfig, plugins, values, output];
    const { command, args: argv } = sandboxed(options.sandbox, { program: options.helm, args, env, mounts, limits });
    const result = await runProgram(command, argv, {
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...(options.sandbox === "none" ? { ...env, HOME: folder } : {}) },
      cwd: folder,
      signal,
      deadlineMs,
      maxOutputBytes: limits.fileBytes,
      killSignal: "SIGKILL",
    }).catch((thrown: unknown) => {
      throw programFailure(thrown);
    });

    const manifests = await readFile(join(output.host, "manifests"), "utf8").catch(() => undefined);
    if (manifests !== undefined && manifests.length >= limits.fileBytes) {
      throw new FailureError(tooCostly(`made more than ${limits.fileBytes / mebibyte} MiB of objects`));
    }
    // Helm expects something back from the post-renderer; that it got nothing is the sign that all was taken away.
    if (manifests !== undefined && result.stderr.includes("produced empty output"))
      return parseRendered(manifests, chart);
    throw renderFailure(result.code, result.stderr, chart, seen(checkout));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function programFailure(thrown: unknown): unknown {
  if (!(thrown instanceof ProgramError)) return thrown;
  if (thrown.reason === "deadline") return new FailureError(tooCostly("took more time than it may"), { cause: thrown });
  if (thrown.reason === "output") return new FailureError(tooCostly("wrote more than it may"), { cause: thrown });
  return new FailureError(
    {
      kind: "operator",
      code: "helm-missing",
      what: "A program that Greenroom needs to render charts is not installed where the worker runs.",
      remedy: "Install Helm 4 (GREENROOM_HELM), util-linux and, unless GREENROOM_SANDBOX is `none`, bubblewrap.",
      evidence: thrown.message,
    },
    { cause: thrown },
  );
}
