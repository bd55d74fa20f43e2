import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { redisUrlFile } from "../supply/redis.ts";
import { writeAtomically } from "../supply/files.ts";
import { authority, baseDomain, type LabEndpoints } from "./endpoints.ts";
import { whoRuns } from "./lock.ts";
import { type LabPaths, labPaths } from "./paths.ts";
import type { Target } from "./stage.ts";

const credentials = z.object({
  url: z.string(),
  apiUrl: z.string(),
  appId: z.number(),
  privateKeyPath: z.string(),
  webhookSecret: z.string(),
  users: z.array(z.object({ login: z.string(), token: z.string(), permission: z.string() })),
});

const status = z.object({
  kubeconfig: z.string(),
  /** host:port of Greenroom's images. */
  registry: z.string(),
  /** A Docker config.json with the registry's credentials. */
  registryAuthFile: z.string(),
  buildkit: z.string(),
  redis: z.string(),
  github: credentials,
  greenroom: z.object({ url: z.string(), webhookUrl: z.string(), baseDomain: z.string() }),
  tools: z.object({ kubectl: z.string(), helm: z.string(), buildctl: z.string() }),
});

/** Everything a program needs to use the running lab. */
export type LabStatus = z.infer<typeof status>;

/** Where a ready lab says how to use it. */
export function statusFile(paths: LabPaths): string {
  return join(paths.run, "status.json");
}

/** Says how to use a lab that has just become ready. */
export function writeStatus(paths: LabPaths, endpoints: LabEndpoints, target: Target, tools: LabStatus["tools"]): void {
  const intake = `http://${authority(endpoints.intake)}`;
  const value: LabStatus = {
    kubeconfig: paths.kubeconfig,
    registry: target.registry.split("/")[0] ?? target.registry,
    registryAuthFile: target.registryAuth ?? "",
    buildkit: target.buildkit,
    redis: readFileSync(redisUrlFile(paths.state), "utf8").trim(),
    github: readCredentials(paths),
    greenroom: { url: `http://${authority(endpoints.gateway)}`, webhookUrl: `${intake}/webhooks/github`, baseDomain },
    tools,
  };
  writeAtomically(statusFile(paths), `${JSON.stringify(value, null, 2)}\n`, 0o600);
}

/** What the stand-in GitHub says about itself once it runs. */
export function readCredentials(paths: LabPaths): LabStatus["github"] {
  return credentials.parse(JSON.parse(readFileSync(join(paths.state, "github", "credentials.json"), "utf8")));
}

/** How to use the lab that runs and is ready; undefined when there is none. */
export async function readLabStatus(paths: LabPaths = labPaths()): Promise<LabStatus | undefined> {
  if (!(await whoRuns(paths))) return undefined;
  try {
    return status.parse(JSON.parse(readFileSync(statusFile(paths), "utf8")));
  } catch (error) {
    // Not ready yet: the file is written last.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
