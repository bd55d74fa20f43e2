import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { accountToken, tokenKubeconfig } from "../../../src/adapters/kubernetes/account-token.ts";
import { createKubernetesApi, loadKubeConfig } from "../../../src/adapters/kubernetes/api.ts";
import { runProgram } from "../../../src/adapters/run-program.ts";

const chart = fileURLToPath(new URL("../../../charts/greenroom", import.meta.url));
const namespace = "greenroom";
const monthSeconds = 30 * 24 * 3_600;

/** Puts into a cluster what an operator's installation brings: the record's definition, namespaces, roles, policies. */
export async function installChart(helm: string, adminKubeconfig: string, signal: AbortSignal): Promise<void> {
  const args = ["upgrade", "--install", "greenroom", chart, "--kubeconfig", adminKubeconfig, "--namespace", namespace];
  const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/root" };
  const options = { env, signal, deadlineMs: 120_000 };
  const result = await runProgram(helm, [...args, "--create-namespace", "--force-conflicts"], options);
  if (result.code !== 0) throw new Error(`the chart of Greenroom cannot be installed: ${result.stderr}`);
}

/** Writes a kubeconfig, mode 0600, with which a process is one of Greenroom's own accounts and nothing more. */
export async function writeAccountKubeconfig(
  adminKubeconfig: string,
  account: "greenroom-worker" | "greenroom-gateway",
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const api = createKubernetesApi(loadKubeConfig(adminKubeconfig));
  try {
    const { token } = await accountToken(api, namespace, account, monthSeconds, signal);
    await writeFile(file, tokenKubeconfig(api.cluster, namespace, account, token), { mode: 0o600 });
  } finally {
    await api.close();
  }
}
