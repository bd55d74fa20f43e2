import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { authority, type LabEndpoints } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";
import { answersHttp } from "./readiness.ts";
import type { Service } from "./service.ts";

/** The stand-in GitHub: its web page shows the progress of the first run, so it comes first. */
export function standIn(paths: LabPaths, endpoints: LabEndpoints): Service {
  const entry = fileURLToPath(new URL("../github/main.ts", import.meta.url));
  return {
    name: "github",
    command: process.execPath,
    args: [
      entry,
      "--listen",
      authority(endpoints.standIn),
      "--data",
      join(paths.state, "github"),
      "--webhook-url",
      `http://${authority(endpoints.intake)}/webhooks/github`,
      "--board",
      paths.board,
    ],
    readiness: answersHttp(`http://${authority(endpoints.standIn)}/-/lab`, 20),
  };
}
