import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../supply/files.ts";
import { run } from "./command.ts";
import { type Administrator, greenroomNamespace } from "./install.ts";
import type { LabPaths } from "./paths.ts";

const crd = "previews.greenroom.dev";
const previewNamespaces = "app.kubernetes.io/managed-by=greenroom";

const installation = z.object({ kubeconfig: z.string(), kubectl: z.string(), helm: z.string() });

/** Whether somebody has installed Greenroom in a cluster. */
export async function greenroomIsThere(admin: Administrator, signal: AbortSignal): Promise<boolean> {
  const found = await kubectl(admin, ["get", "crd", crd, "--ignore-not-found", "--output", "name"], signal);
  return found.trim() !== "";
}

/** Remembers, also for after a crash, that the lab puts Greenroom into a cluster of the user's. */
export async function recordInstallation(paths: LabPaths, admin: Administrator): Promise<void> {
  writeAtomically(recordFile(paths), JSON.stringify(admin), 0o600);
}

/** Takes out of the user's cluster what the lab has put there; nothing where it has put nothing. */
export async function uninstall(paths: LabPaths): Promise<void> {
  const text = await readFile(recordFile(paths), "utf8").catch(() => undefined);
  if (text === undefined) return;
  const admin = installation.parse(JSON.parse(text));
  const signal = AbortSignal.timeout(120_000);
  const k = (args: string[]): Promise<string> => kubectl(admin, args, signal);
  const previews = ["namespaces", "--selector", previewNamespaces];
  await k(["delete", ...previews, "--wait=false"]);
  if (await greenroomIsThere(admin, signal)) {
    await k(["delete", "crd", crd, "--wait=false"]);
    // Greenroom runs no more, so nobody else takes its finalizers off.
    const records = await k(["get", crd, "--all-namespaces", "--output", "name"]).catch(() => "");
    for (const record of records.split("\n").filter(Boolean)) {
      const patch = ["--type", "merge", "--patch", '{"metadata":{"finalizers":null}}'];
      await k(["patch", record, "--namespace", greenroomNamespace, ...patch]);
    }
  }
  const release = ["--kubeconfig", admin.kubeconfig, "--namespace", greenroomNamespace];
  await run(admin.helm, ["uninstall", "greenroom", "--ignore-not-found", ...release], { signal });
  await k(["delete", "namespace", greenroomNamespace, "--ignore-not-found"]);
  await k(["wait", "--for=delete", ...previews, "--timeout=60s"]);
}

function recordFile(paths: LabPaths): string {
  return join(paths.run, "installation.json");
}

function kubectl(admin: Administrator, args: string[], signal: AbortSignal): Promise<string> {
  return run(admin.kubectl, ["--kubeconfig", admin.kubeconfig, ...args], { signal, seconds: 90 });
}
