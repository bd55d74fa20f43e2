import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { joinLabCgroup, labCgroup } from "../../../infra/local/lab/cgroup.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Folders in the place of the kernel's: what is written to a file is what stands in it last. */
function folders(files: Record<string, string>): { root: string; read: (path: string) => string } {
  const root = temporaryFolder("cgroup-");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, read: (path) => readFileSync(join(root, path), "utf8") };
}

const own = labCgroup();

describe("the lab's control group", () => {
  test("with version 2 is one, and gets every controller that the machine has", async () => {
    const { root, read } = folders({
      "cgroup.controllers": "cpuset cpu memory pids\n",
      "cgroup.subtree_control": "",
      [`${own}/cgroup.controllers`]: "cpuset cpu memory\n",
    });
    await joinLabCgroup(42, root);
    expect(read(`${own}/lab/cgroup.procs`)).toBe("42");
    expect(read("cgroup.subtree_control")).toBe("+pids");
    expect(read(`${own}/cgroup.subtree_control`)).toBe("+memory");
  });

  test("with version 1 is one in each hierarchy, with the processors of its parent", async () => {
    const { root, read } = folders({
      "cpuset/cpuset.cpus": "0-1\n",
      "cpuset/cpuset.mems": "0\n",
      [`cpuset/${own}/cpuset.cpus`]: "\n",
      [`cpuset/${own}/cpuset.mems`]: "\n",
      [`cpuset/${own}/lab/cpuset.cpus`]: "\n",
      [`cpuset/${own}/lab/cpuset.mems`]: "0\n",
      "memory/memory.limit_in_bytes": "1\n",
    });
    await joinLabCgroup(42, root);
    expect(read(`cpuset/${own}/lab/cgroup.procs`)).toBe("42");
    expect(read(`memory/${own}/lab/cgroup.procs`)).toBe("42");
    expect(read(`cpuset/${own}/lab/cpuset.cpus`)).toBe("0-1\n");
    expect(read(`cpuset/${own}/lab/cpuset.mems`)).toBe("0\n");
  });
});
