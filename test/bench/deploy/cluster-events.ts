import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LabStatus } from "../../../infra/local/lab/status.ts";

/** Events of some objects as lines of text. Waiting for one costs the machine next to nothing, unlike asking. */
export type ClusterEvents = {
  /** Resolves once the line has been seen, now or since the watch began. */
  seen(line: string, seconds: number): Promise<void>;
  close(): void;
};

/** Watches objects with kubectl; `columns` are JSONPath expressions of what a line has after the event's type. */
export function watchCluster(
  lab: LabStatus,
  what: readonly string[],
  columns: readonly string[],
  signal: AbortSignal,
): ClusterEvents {
  const line = ["type", ...columns.map((column) => `object.${column}`)].map((path) => `{.${path}}`).join(" ");
  const args = ["--kubeconfig", lab.kubeconfig, "get", ...what, "--watch", "--output-watch-events"];
  const child = spawn(lab.tools.kubectl, [...args, "--output", `jsonpath=${line}{"\\n"}`], {
    stdio: ["ignore", "pipe", "inherit"],
    signal,
  });
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`kubectl get --watch ended with ${code ?? "a signal"}`)));
  });
  // Told to whoever waits; nobody does at the end.
  ended.catch(() => undefined);
  createInterface({ input: child.stdout }).on("line", (text) => {
    seen.add(text);
    waiting.get(text)?.();
  });
  return {
    async seen(text, seconds) {
      if (seen.has(text)) return;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)]);
      const aborted = new Promise<never>((_, reject) => {
        limit.addEventListener("abort", () => reject(new Error(`“${text}” was not seen within ${seconds} s`)));
      });
      const came = new Promise<void>((resolve) => waiting.set(text, resolve));
      await Promise.race([came, ended, aborted]);
      waiting.delete(text);
    },
    close: () => child.kill(),
  };
}
