import { writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { retryUntil } from "../../infra/local/lab/readiness.ts";
import { goArch } from "../../infra/local/supply/program-key.ts";
import { programDir } from "../../infra/local/supply/programs.ts";
import { makeMirror, released, serveMirror } from "./release-mirror.ts";
import { SecondLab } from "./second-lab.ts";

const url = "http://127.0.0.1:8999/releases/";
let folder: string;
let lab: SecondLab;
let pinned: string[];
let asked: string[];
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mirror-"));
  const pins = await makeMirror(folder);
  writeFileSync(join(folder, "pins.json"), JSON.stringify(pins));
  pinned = Object.values(pins).flatMap(({ files }) => (files[goArch()] ?? []).map(({ path }) => `releases/${path}`));
  lab = await SecondLab.open(["mirror"]);
  // Its loopback is another one: a relay there leads to the mirror's socket here.
  const socket = join(folder, "mirror.sock");
  const mirror = await serveMirror(folder, { path: socket });
  asked = mirror.asked;
  const relay = lab.spawnInside("socat", ["TCP-LISTEN:8999,bind=127.0.0.1,fork,reuseaddr", `UNIX-CONNECT:${socket}`]);
  ends.push(
    () => mirror.server.close(),
    () => mirror.server.closeAllConnections(),
    () => relay.kill(),
  );
  await retryUntil(
    async () => {
      if ((await lab.inside("curl", ["-s", url])).code !== 0) throw new Error("the mirror does not answer");
    },
    { seconds: 10 },
  );
  asked.length = 0;
});

afterAll(async () => {
  await lab.close();
  for (const end of ends) end();
  await rm(folder, { recursive: true, force: true });
});

test("a whole lab comes up from official releases of a mirror, and runs a pod", async () => {
  const pins = ["--binaries-pins", join(folder, "pins.json")];
  const up = await lab.run(["up", "--detach", "--binaries", url, ...pins]);
  expect(up).toMatchObject({ code: 0, output: expect.stringContaining("The lab is ready.") });
  expect(up.output).toContain(`take releases of buildkit, kubernetes, coredns from ${url}`);
  expect(new Set(asked)).toEqual(new Set(pinned));

  // Each component is a program of its own, as it is published.
  const [kubernetes] = released;
  if (kubernetes === undefined) throw new Error("no Kubernetes");
  const programs = await programDir(kubernetes, lab.cached());
  expect(await readdir(programs)).toEqual(expect.arrayContaining(["etcd", "kube-apiserver", "kubelet", "kubernetes"]));
  const running = await lab.inside("pgrep", ["--full", `^${programs}/kube-apiserver`]);
  expect(running.code).toBe(0);

  const version = await lab.kubectl(["get", "nodes", "--output=jsonpath={.items[*].status.nodeInfo.kubeletVersion}"]);
  expect(version.output).toMatch(/^v1\.\d+\.\d+$/);
});
