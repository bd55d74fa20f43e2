import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { run } from "./command.ts";

/** A cluster as its administrator reaches it, with the tools to do so. */
export type Administrator = { readonly kubeconfig: string; readonly kubectl: string; readonly helm: string };

/** Namespace of Greenroom in a cluster of the lab. */
export const greenroomNamespace = "greenroom";

/** The accounts the chart makes for Greenroom's processes. */
export type Account = "greenroom-worker" | "greenroom-gateway";

const chart = fileURLToPath(new URL("../../../charts/greenroom", import.meta.url));

/** Installs Greenroom's chart: the record's definition, namespaces, accounts and what they may do. */
export async function installChart(
  admin: Administrator,
  dial: "direct" | "port-forward",
  signal: AbortSignal,
): Promise<void> {
  // Helm never changes a definition that is there already.
  const crds = ["apply", "--server-side", "--force-conflicts", "--filename", join(chart, "crds")];
  await run(admin.kubectl, ["--kubeconfig", admin.kubeconfig, ...crds], { signal });
  const release = ["upgrade", "--install", "greenroom", chart, "--skip-crds"];
  const values = ["--set", `gateway.portForward=${dial === "port-forward"}`];
  const where = ["--namespace", greenroomNamespace, "--create-namespace"];
  await run(admin.helm, ["--kubeconfig", admin.kubeconfig, ...release, ...where, ...values], { signal, seconds: 120 });
}

const clusterConfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.record(z.string(), z.unknown()) })]),
});

/** Writes a kubeconfig with which a process has that account's rights and no more. */
export async function writeAccess(
  admin: Administrator,
  account: Account,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const kubectl = (args: string[]): Promise<string> =>
    run(admin.kubectl, ["--kubeconfig", admin.kubeconfig, ...args], { signal });
  const token = await kubectl(["create", "token", account, "--namespace", greenroomNamespace, "--duration", "720h"]);
  const view = await kubectl(["config", "view", "--raw", "--minify", "--flatten", "--output", "json"]);
  const [first] = clusterConfig.parse(JSON.parse(view)).clusters;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: first.cluster }],
    users: [{ name: account, user: { token: token.trim() } }],
    contexts: [{ name: account, context: { cluster: "cluster", user: account, namespace: greenroomNamespace } }],
    "current-context": account,
  };
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
}
