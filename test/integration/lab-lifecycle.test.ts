import { once } from "node:events";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { retryUntil } from "../../infra/local/lab/readiness.ts";
import { SecondLab } from "./second-lab.ts";

let lab: SecondLab;

beforeAll(async () => {
  lab = await SecondLab.open();
});

afterAll(async () => {
  await lab.close();
});

describe("a lab of its own", () => {
  test("without one, status and down say so", async () => {
    expect(await lab.run(["status"])).toMatchObject({ code: 3, output: expect.stringContaining("No lab is running") });
    expect(await lab.run(["down"])).toMatchObject({ code: 0, output: expect.stringContaining("No lab is running") });
  });

  test("a port that is taken is named with its holder, and nothing is changed", async () => {
    const listener = `require("net").createServer().listen(4001,"127.0.0.1",()=>console.log("ready"))`;
    const script = `"${process.execPath}" -e '${listener}' & read -t 2; "$@"; kill $!`;
    const main = join(import.meta.dirname, "../../infra/local/lab/main.ts");
    const up = ["env", `GREENROOM_LAB_STATE=${lab.state}`, process.execPath, main, "up", "--yes"];
    const { code, output } = await lab.inside("bash", ["-c", script, "bash", ...up]);
    expect(output).toMatch(/127\.0\.0\.1:4001, for webhooks, is taken by node \(pid \d+\).*--port-offset/s);
    expect(code).toBe(0);
    expect(await lab.remains()).toEqual([]);
  });

  test("up --detach comes back with a ready lab, and a second up says that it runs", async () => {
    const up = await lab.run(["up", "--detach"]);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("The lab is ready.") });
    expect(up.output).toContain("The lab is going to:");
    const again = await lab.run(["up"]);
    expect(again.output).toMatch(/A lab is running: pid \d+, since/);
    expect(again.code).toBe(0);
  });

  test("a service that dies is reported, and makes the lab broken until it runs anew", async () => {
    await lab.inside("bash", ["-c", `kill -9 $(pgrep -f ${lab.state}/kubernetes/Corefile)`]);
    await retryUntil(
      async () => {
        expect(await lab.run(["up"])).toMatchObject({ code: 1, output: expect.stringContaining("coredns died") });
      },
      { seconds: 20 },
    );
    expect(await lab.run(["restart", "coredns"])).toMatchObject({ code: 0, output: "coredns runs anew\n" });
    expect((await lab.run(["up"])).code).toBe(0);
  });

  test("after a crash with pods running, the next up starts from nothing", async () => {
    await lab.kubectl(["create", "deployment", "web", "--image=nginx:1", "--replicas=3"]);
    const rollout = await lab.kubectl(["rollout", "status", "deployment/web", "--timeout=60s"]);
    expect(rollout.output).toContain("successfully rolled out");
    process.kill(await lab.pid(), "SIGKILL");
    const up = await lab.run(["up", "--detach"]);
    expect(up.output).toContain("An earlier lab ended without cleaning up");
    expect(up.code).toBe(0);
    expect((await lab.kubectl(["get", "deployments", "--output=name"])).output).toBe("");
  });

  test("down leaves nothing", async () => {
    expect(await lab.run(["down"])).toMatchObject({ code: 0, output: "The lab is gone.\n" });
    expect(await lab.remains()).toEqual([]);
  });

  test("Ctrl-C of a lab in the foreground leaves nothing", async () => {
    const foreground = await lab.start(["up"], "Ctrl-C ends it");
    foreground.kill("SIGINT");
    const [code] = await once(foreground, "exit");
    expect(code).toBe(0);
    expect(await lab.remains()).toEqual([]);
  });

  test("SIGTERM while it comes up leaves nothing", async () => {
    const foreground = await lab.start(["up"], "Start Kubernetes");
    foreground.kill("SIGTERM");
    await once(foreground, "exit");
    expect(await lab.remains()).toEqual([]);
  });
});

/** Where a lab that uses the second lab's cluster has its state. */
function other(): string {
  return `${lab.state}-other`;
}

/** How to start such a lab. */
function upIn(context: string): string[] {
  const registry = ["--registry", "10.244.0.1:5000/greenroom"];
  const auth = ["--registry-auth", join(lab.state, "registry", "config.json")];
  const buildkit = ["--buildkit", `unix://${lab.state}/run/buildkitd.sock`];
  return ["up", "--detach", "--port-offset", "100", "--context", context, ...registry, ...auth, ...buildkit];
}

describe("a cluster of one's own", () => {
  test("Greenroom is put into the named context and into no other, and taken out again", async () => {
    expect((await lab.run(["up", "--detach"])).code).toBe(0);
    // As if it were somebody else's cluster: without the lab's own Greenroom.
    const mine = join(lab.state, "kubernetes", "admin.conf");
    const release = ["--kubeconfig", mine, "uninstall", "greenroom", "--namespace", "greenroom"];
    await lab.inside(join(lab.state, "bin", "helm"), release);
    await lab.kubectl(["delete", "crd", "previews.greenroom.dev"]);
    await lab.kubectl(["delete", "namespace", "greenroom"]);
    await lab.kubectl(["wait", "--for=delete", "namespace/lab-check", "--timeout=60s"]);
    const before = (await lab.kubectl(["get", "namespaces,crds", "--output=name"])).output;
    const config = `${lab.state}.conf`;
    await copyFile(mine, config);
    const kubectl = (args: string[]) =>
      lab.inside(join(lab.state, "bin", "kubectl"), ["--kubeconfig", config, ...args]);
    const context = (await kubectl(["config", "current-context"])).output.trim();
    await kubectl(["config", "set-cluster", "elsewhere", "--server=https://127.0.0.1:1"]);
    await kubectl(["config", "set-context", "elsewhere", "--cluster=elsewhere"]);
    await kubectl(["config", "use-context", "elsewhere"]);

    const up = await lab.runWith({ KUBECONFIG: config }, other(), upIn(context));
    expect(up.output).toContain("The lab is ready.");
    expect((await lab.kubectl(["get", "namespaces", "--output=name"])).output).toContain("namespace/greenroom\n");
    // The gateway has no way to the pods' network there but through the API server.
    const gateway = "--as=system:serviceaccount:greenroom:greenroom-gateway";
    const forward = ["pods", "--subresource=portforward"];
    const mayForward = ["auth", "can-i", "create", ...forward, "--namespace", "default", gateway];
    expect((await lab.kubectl(mayForward)).output.trim()).toBe("yes");

    expect((await lab.runWith({}, other(), ["down"])).code).toBe(0);
    expect((await lab.kubectl(["get", "namespaces,crds", "--output=name"])).output).toBe(before);
    expect((await lab.run(["up"])).output).toContain("A lab is running");
  });

  test("a context that does not exist is named", async () => {
    const up = await lab.runWith({ KUBECONFIG: `${lab.state}.conf` }, other(), upIn("nowhere"));
    expect(up).toMatchObject({ code: 1, output: expect.stringContaining("cannot locate context nowhere") });
  });
});
