import { whoRuns } from "./lock.ts";
import type { LabPaths } from "./paths.ts";
import { readLabStatus } from "./status.ts";

/** Prints how to use the lab; returns 0 when it is ready, 1 while it is not, 3 when there is none. */
export async function showStatus(options: { readonly json: boolean }, paths: LabPaths): Promise<number> {
  const running = await whoRuns(paths);
  if (!running) {
    console.error(`No lab is running with its state in ${paths.state}. Start one with \`npm run lab -- up\`.`);
    return 3;
  }
  const status = await readLabStatus(paths);
  if (!status) {
    console.error(`The lab with pid ${running.pid} is not ready.`);
    return 1;
  }
  if (options.json) {
    console.log(JSON.stringify(status, null, 2));
    return 0;
  }
  if (running.dead.length > 0) console.error(`Died without being told to: ${running.dead.join(", ")}.`);
  console.log(`The lab runs with pid ${running.pid} since ${running.since}.`);
  const rows = [
    ["GitHub stand-in", status.github.url],
    ["Greenroom", `${status.greenroom.url}, webhooks at ${status.greenroom.webhookUrl}`],
    ["Previews", `http://*.${status.greenroom.baseDomain}`],
    ["Kubernetes", `${status.tools.kubectl} --kubeconfig ${status.kubeconfig}`],
    ["Registry", status.registry],
    ["BuildKit", status.buildkit],
  ];
  for (const [name, value] of rows) console.log(`  ${String(name).padEnd(16)}${value}`);
  return 0;
}
